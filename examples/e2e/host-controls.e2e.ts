import { expect } from 'vitest';
import { it } from './testing/it.ts';
import { demoUrl } from './testing/visitor.ts';

it('a host silences a guest, stops their video, and ends the call for all', async ({ open, room }) => {
  const hana = await open(`${demoUrl(room)}&host=on`);
  await hana.askToJoin('Hana');
  await hana.isInCall();
  const gia = await open(demoUrl(room));
  await gia.askToJoin('Gia');
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
