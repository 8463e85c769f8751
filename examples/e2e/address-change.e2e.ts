/* oxlint-disable no-empty-pattern -- the runner reads from the pattern what a fixture needs: here nothing */
import { chromium, type Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { browserArgs, browserPath } from '../../.ci/browser.ts';
import { Namespace } from './bench/namespace.ts';
import { startCallStack } from './testing/call-stack.ts';
import { it as base } from './testing/it.ts';
import { MediaTimeline } from './testing/media-timeline.ts';
import type { Visitor } from './testing/visitor.ts';

/** Everybody hears everybody again so soon after the address of one has changed. */
const RETURN_MS = 8_000;

/**
 * `outside` is a browser like any other, `inside` one in a network namespace, with a wire to this machine that carries its
 * calls, its socket and its media. Needs Linux, root and the program `ip`: without them this file is left out.
 */
const it = base
  .extend('namespace', { scope: 'file' }, ({}, { onCleanup }) => {
    const namespace = Namespace.create();
    onCleanup(() => namespace.remove());
    return namespace;
  })
  .extend('stack', { scope: 'file' }, async ({ namespace }, { onCleanup }) => {
    const stack = await startCallStack(namespace.hostAddress);
    onCleanup(stack.stop);
    for (const url of [stack.siteUrl, stack.brokerUrl]) await namespace.share(Number(new URL(url).port));
    return stack;
  })
  .extend('inside', { scope: 'file' }, async ({ namespace }, { onCleanup }) => {
    const inside = await chromium.launch({ executablePath: namespace.wrap(await browserPath()), args: browserArgs });
    onCleanup(() => inside.close());
    return inside;
  });

describe('two in a call, one of whom comes to another network', () => {
  it('hear each other again within eight seconds, in the same places, and what was off still is', async ({
    namespace,
    stack,
    inside,
    browser,
    open,
    room,
  }) => {
    const enter = async (from: typeof browser, name: string): Promise<Visitor> => {
      const visitor = await open(`${stack.siteUrl}/?room=${room}`, {}, from);
      await visitor.askToJoin(name);
      await visitor.isInCall();
      return visitor;
    };
    const [ada, ben] = [await enter(browser, 'Ada'), await enter(inside, 'Ben')];
    await Promise.all([ada.seesFramesIn(ada.tile('Ben')), ben.seesFramesIn(ben.tile('Ada'))]);
    await ben.switch('Camera', false);
    await expect.poll(() => ada.tile('Ben').locator('video').count()).toBe(0);

    const pages = [ada.page, ben.page];
    await Promise.all(pages.map((page) => MediaTimeline.start(page)));
    namespace.changeAddress();
    // What Ben sends may arrive from the new address without a pause; what is sent to him does not.
    await hasHeardAgain(ben.page);
    const timelines = await Promise.all(pages.map((page) => MediaTimeline.stop(page)));

    expect(timelines[1]!.longestGap('sound')).toBeGreaterThan(1_000);
    for (const timeline of timelines) {
      expect(timeline.longestGap('sound')).toBeLessThan(RETURN_MS + timeline.worstStall);
      expect(timeline.most('tiles')).toBe(2);
    }
    expect(await ada.tile('Ben').locator('video').count()).toBe(0);
    await ben.seesFramesIn(ben.tile('Ada'));
    expect(await Promise.all([ada.countSounds(), ben.countSounds()])).toEqual([1, 1]);
    await ben.switch('Camera', true);
    await ada.seesFramesIn(ada.tile('Ben'));
  });
});

/** Sound had stopped for a second, and comes again. */
async function hasHeardAgain(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const { moments } = globalThis.mediaRecorder!;
      let since = 0;
      for (const [index, { at, sound }] of moments.entries()) {
        if (sound === moments[index - 1]?.sound) continue;
        if (index > 0 && at - since > 1_000) return true;
        since = at;
      }
      return false;
    },
    undefined,
    { timeout: 30_000, polling: 100 },
  );
}
