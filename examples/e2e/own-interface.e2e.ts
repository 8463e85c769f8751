import { expect, inject } from 'vitest';
import { it } from './testing/it.ts';

it('an interface of its own shows, sounds, mutes and leaves by the engine alone', async ({ open, room }) => {
  const requests: string[] = [];
  const url = `${inject('siteUrl')}/own-interface/?room=${room}`;
  const people = [
    await open(url, { prepare: async (page) => page.on('request', (request) => requests.push(request.url())) }),
    await open(url),
  ] as const;
  const [one, other] = people;
  expect(requests.filter((address) => !address.endsWith('/favicon.ico'))).toEqual([
    url,
    `${inject('brokerUrl')}/realtime-call-engine.js`,
  ]);

  for (const person of people) {
    await person.switch('Camera', true);
    await person.switch('Microphone', true);
    await person.press('Join');
    await person.isInCall();
  }
  const figures = people.map(({ page }) => page.locator('figure'));
  for (const figure of figures) await expect.poll(() => figure.count()).toBe(2);
  await Promise.all(
    people.map((person) => person.seesFramesIn(person.page.locator('figure').filter({ hasNotText: 'You' }))),
  );
  await expect.poll(() => other.countSounds(), { timeout: 20_000 }).toBe(1);

  await one.switch('Microphone', false);
  await other.page.getByText('Guest, muted').waitFor();
  await one.press('Leave');
  await expect.poll(() => other.page.locator('figure').count()).toBe(1);
  await expect.poll(() => one.openConnections()).toBe(0);
  expect(await one.liveCaptures()).toEqual([]);
});
