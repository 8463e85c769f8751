import type { Locator } from 'playwright-core';
import { describe, expect } from 'vitest';
import { it } from './testing/it.ts';
import { countVideoBytes, readSentLayers } from './testing/page-probe.ts';

const LARGE = { width: 1280, height: 900 };

function pictureWidth(tile: Locator): Promise<number> {
  return tile.locator('video').evaluate((video: HTMLVideoElement) => video.videoWidth);
}

describe('what is received of a camera', () => {
  it('is as large as its tile: small at first, full size in a large window, small again in a small one', async ({
    join,
  }) => {
    const [ada, ben] = [await join('Ada'), await join('Ben')];
    const tile = ben.tile('Ada');
    await ben.seesFramesIn(tile);
    const full = await ada.page.evaluate(
      () => callProbe.captured.find(({ kind }) => kind === 'video')!.getSettings().width!,
    );

    await ben.page.setViewportSize(LARGE);
    await expect.poll(() => pictureWidth(tile), { timeout: 20_000 }).toBe(full);
    const call = ben.page.locator('realtime-call');
    await call.evaluate((element: HTMLElement) => (element.style.width = '150px'));
    await expect.poll(() => pictureWidth(tile), { timeout: 20_000 }).toBe(full / 4);
    // Nobody watches the better ones any more.
    await expect.poll(() => ada.page.evaluate(readSentLayers)).toBe('c');

    const longestGap = watchForFreezes(tile);
    await call.evaluate((element: HTMLElement) => (element.style.width = ''));
    await expect.poll(() => pictureWidth(tile), { timeout: 20_000 }).toBe(full);
    expect(await longestGap).toBeLessThan(1_000);
    expect(await ada.page.evaluate(readSentLayers)).toBe('abc');
  });

  it('stops to cost anything where its tile is hidden, is back when it is shown, and sound goes on', async ({
    join,
  }) => {
    const [, ben] = [await join('Ada'), await join('Ben')];
    const tile = ben.tile('Ada');
    await ben.seesFramesIn(tile);
    const call = ben.page.locator('realtime-call');
    await call.evaluate((element: HTMLElement) => (element.style.display = 'none'));
    const bytesInASecond = async () => {
      const before = await ben.page.evaluate(countVideoBytes);
      await ben.page.waitForTimeout(1_000);
      return (await ben.page.evaluate(countVideoBytes)) - before;
    };
    await expect.poll(bytesInASecond, { timeout: 25_000 }).toBe(0);
    expect(await ben.countSounds()).toBe(1);
    await call.evaluate((element: HTMLElement) => (element.style.display = ''));
    await ben.seesFramesIn(tile);
  });

  it('is nothing with audio-only, and the smallest picture with data-saver, at once', async ({ join }) => {
    const [ada, ben] = [await join('Ada'), await join('Ben')];
    const tile = ben.tile('Ada');
    await ben.page.setViewportSize(LARGE);
    await ben.seesFramesIn(tile);
    const full = await ada.page.evaluate(
      () => callProbe.captured.find(({ kind }) => kind === 'video')!.getSettings().width!,
    );
    const toggle = (attribute: string) =>
      ben.page.locator('realtime-call').evaluate((element, name) => element.toggleAttribute(name), attribute);
    await expect.poll(() => pictureWidth(tile), { timeout: 20_000 }).toBe(full);
    await toggle('data-saver');
    await expect.poll(() => pictureWidth(tile), { timeout: 20_000 }).toBe(full / 4);
    await toggle('audio-only');
    await expect.poll(() => tile.locator('video').count()).toBe(0);
    expect(await ben.countSounds()).toBe(1);
    await toggle('audio-only');
    await toggle('data-saver');
    await ben.seesFramesIn(tile);
  });
});

/** The longest time between two frames of the next three seconds, in milliseconds. */
function watchForFreezes(tile: Locator): Promise<number> {
  return tile.locator('video').evaluate(
    (video: HTMLVideoElement) =>
      new Promise<number>((resolve) => {
        const end = performance.now() + 3_000;
        let [last, longest] = [performance.now(), 0];
        const onFrame = () => {
          const now = performance.now();
          longest = Math.max(longest, now - last);
          last = now;
          video.requestVideoFrameCallback(onFrame);
        };
        video.requestVideoFrameCallback(onFrame);
        setTimeout(() => resolve(Math.max(longest, end - last)), 3_000);
      }),
  );
}
