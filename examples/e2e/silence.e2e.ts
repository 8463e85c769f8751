import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countSoundPackets } from './testing/page-probe.ts';
import { launchBrowser, newRoom, Visitor } from './testing/visitor.ts';

/** Longer than anything the widget takes for a dead path. */
const QUIET_MS = 5_000;

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe('two who are muted, without cameras', () => {
  it('cost next to nothing, stay connected all the same, and are heard at once', async () => {
    const room = newRoom();
    const [ada, ben] = await Promise.all(['Ada', 'Ben'].map((name) => Visitor.join(browser, room, name)));
    await ada!.seesFramesIn(ada!.tile('Ben'));
    for (const visitor of [ada!, ben!]) {
      await visitor.switch('Camera', false);
      await visitor.switch('Microphone', false);
    }
    await ada!.page.evaluate(watchConnection);
    const connections = await ada!.page.evaluate(() => callProbe.connections.length);

    const before = await ada!.page.evaluate(countSoundPackets);
    await ada!.page.waitForTimeout(QUIET_MS);
    const after = await ada!.page.evaluate(countSoundPackets);
    for (const way of ['sent', 'received'] as const) {
      const perSecond = ((after[way] - before[way]) * 1_000) / (after.at - before.at);
      expect(perSecond, way).toBeGreaterThan(1);
      expect(perSecond, way).toBeLessThan(10);
    }
    expect(await ada!.page.evaluate(() => globalThis.connectionsTold)).toEqual([]);
    expect(await ada!.page.evaluate(() => callProbe.connections.length)).toBe(connections);

    await ben!.switch('Microphone', true);
    expect(await ada!.countSounds()).toBe(1);
    expect([...ada!.complaints, ...ben!.complaints]).toEqual([]);
    await Promise.all([ada!.close(), ben!.close()]);
  });
});

declare global {
  var connectionsTold: string[];
}

/** Runs in the page: keeps what is told of the connection of media from now on. */
function watchConnection(): void {
  globalThis.connectionsTold = [];
  document.addEventListener('connection-changed', (event) => {
    const { media } = event as Event & { media: string };
    if (media !== 'connected') connectionsTold.push(media);
  });
}
