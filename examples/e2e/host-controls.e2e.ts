import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { demoUrl, launchBrowser, newRoom, Visitor } from './testing/visitor.ts';

let browser: Browser;
const visitors: Visitor[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  const complaints = visitors.flatMap((visitor) => visitor.complaints);
  await Promise.all(visitors.splice(0).map((visitor) => visitor.close()));
  expect(complaints).toEqual([]);
});

async function open(url: string, name: string): Promise<Visitor> {
  const visitor = await Visitor.open(browser, url);
  visitors.push(visitor);
  await visitor.enterName(name);
  await visitor.turnOnDevices();
  await visitor.clickJoin();
  return visitor;
}

it('a host silences a guest, stops their video, and ends the call for all', async () => {
  const room = newRoom();
  const hana = await open(`${demoUrl(room)}&host=on`, 'Hana');
  await hana.isInCall();
  const gia = await open(demoUrl(room), 'Gia');
  await hana.press('Admit: Gia');
  await gia.isInCall();
  await hana.seesFramesIn(hana.tile('Gia'));
  await expect.poll(() => hana.countSounds(), { timeout: 20_000 }).toBe(1);

  await hana.press('Host controls');
  await hana.press('Mute Gia');
  await gia.page.getByRole('button', { name: 'Microphone', exact: true, pressed: false }).waitFor();
  await expect.poll(() => hana.countSounds()).toBe(0);
  await gia.switch('Microphone', true);
  await expect.poll(() => hana.countSounds(), { timeout: 10_000 }).toBe(1);

  await hana.press('Stop the video of Gia');
  await gia.page.getByRole('button', { name: 'Camera', exact: true, pressed: false }).waitFor();
  await expect.poll(() => gia.liveCaptures()).toHaveLength(1);
  await hana.tile('Gia').locator('video').waitFor({ state: 'detached' });

  await hana.screenshot('host-controls');
  await hana.press('End for all');
  await hana.press('End for all?');
  await Promise.all([hana, gia].map(({ page }) => page.getByText('The call has ended').waitFor()));
});
