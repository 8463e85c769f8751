/* oxlint-disable no-empty-pattern -- the runner reads from the pattern what a fixture needs: here nothing */
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { Namespace } from './bench/namespace.ts';
import { startCallStack } from './testing/call-stack.ts';
import { launchFirefox, prepareFirefox } from './testing/firefox.ts';
import { it as browserIt } from './testing/it.ts';
import type { Visitor } from './testing/visitor.ts';

/** With somebody in Firefox, whose media has to go to another address than loopback. */
const it = browserIt
  .extend('mediaAddress', { scope: 'file' }, ({}, { onCleanup }) => {
    const namespace = Namespace.create();
    onCleanup(() => namespace.remove());
    return namespace.hostAddress;
  })
  .extend('stack', { scope: 'file' }, async ({ mediaAddress }, { onCleanup }) => {
    const stack = await startCallStack(mediaAddress);
    onCleanup(stack.stop);
    return stack;
  })
  .extend('firefox', { scope: 'file' }, async ({}, { onCleanup }) => {
    const firefox = await launchFirefox();
    onCleanup(() => firefox.close());
    return firefox;
  })
  .extend('joinWith', ({ open, room, stack, browser, firefox }) => {
    return async (which: 'Chromium' | 'Firefox', name: string, script: () => void = () => {}) => {
      const [from, prepareBrowser] = which === 'Firefox' ? [firefox, prepareFirefox] : [browser, undefined];
      const prepare = async (page: Page) => {
        await prepareBrowser?.(page);
        await page.addInitScript(script);
      };
      const visitor = await open(`${stack.siteUrl}/?room=${room}`, { prepare }, from);
      await visitor.askToJoin(name);
      await visitor.isInCall();
      return visitor;
    };
  });

/** A busy machine starts Firefox and a second stack in the time of the first test. */
describe('Firefox and Chromium in one call', { timeout: 120_000 }, () => {
  it('see and hear each other, side by side, until one mutes or leaves', async ({ joinWith }) => {
    const [ada, ben] = [await joinWith('Firefox', 'Ada'), await joinWith('Chromium', 'Ben')];
    await Promise.all([ada.seesFramesIn(ada.tile('Ben')), ben.seesFramesIn(ben.tile('Ada'))]);
    await Promise.all([hears(ada, 1), hears(ben, 1)]);
    for (const visitor of [ada, ben]) {
      const boxes = await Promise.all((await visitor.tiles().all()).map((tile) => tile.boundingBox()));
      expect(boxes[0]!.y).toBe(boxes[1]!.y);
    }
    await ada.screenshot('firefox');

    await ada.switch('Microphone', false);
    await Promise.all([hears(ben, 0), hears(ada, 1)]);
    await ada.switch('Microphone', true);
    await ben.switch('Microphone', false);
    await Promise.all([hears(ben, 1), hears(ada, 0)]);

    await ada.press('Leave');
    await expect.poll(() => ben.tiles().count()).toBe(1);
    expect(await ada.liveCaptures()).toEqual([]);
    await expect.poll(() => ada.openConnections()).toBe(0);
  });

  it('see the avatar of who turns the camera off, and the picture when it is back', async ({ joinWith }) => {
    const [ada, ben] = [await joinWith('Firefox', 'Ada'), await joinWith('Chromium', 'Ben')];
    for (const [one, other, name] of [
      [ada, ben, 'Ada'],
      [ben, ada, 'Ben'],
    ] as const) {
      await other.seesFramesIn(other.tile(name));
      await one.switch('Camera', false);
      await expect.poll(() => other.tile(name).locator('video').count()).toBe(0);
      await expect.poll(() => one.liveCaptures()).toHaveLength(1);
      // Something goes on to be sent, or the SFU would collect the track.
      const sent = await one.page.evaluate(countPicturesSent);
      await expect.poll(() => one.page.evaluate(countPicturesSent)).toBeGreaterThan(sent + 2);
      await one.switch('Camera', true);
      await other.seesFramesIn(other.tile(name));
    }
  });

  it('see a screen that is shared, from either', async ({ joinWith }) => {
    const [ada, ben] = [await joinWith('Firefox', 'Ada', fakeScreen), await joinWith('Chromium', 'Ben')];
    for (const [one, other, name] of [
      [ada, ben, 'Ada'],
      [ben, ada, 'Ben'],
      [ada, ben, 'Ada'],
    ] as const) {
      await one.switch('Share screen', true);
      const stage = other.page.locator('rc-participant-tile').filter({ hasText: `Screen of ${name}` });
      await other.seesFramesIn(stage);
      await other.seesFramesIn(other.tile(name));
      await one.switch('Share screen', false);
      await expect.poll(() => stage.count()).toBe(0);
    }
  });

  it('encode no better layer than is watched', async ({ joinWith }) => {
    const [ada, ben] = [await joinWith('Firefox', 'Ada'), await joinWith('Chromium', 'Ben')];
    await ben.seesFramesIn(ben.tile('Ada'));
    const layers = () => ada.page.evaluate(readEncodedLayers);
    await expect.poll(layers).toBe('abc');
    const call = ben.page.locator('realtime-call');
    await call.evaluate((element: HTMLElement) => (element.style.width = '150px'));
    await expect.poll(layers).toBe('c');
    await call.evaluate((element: HTMLElement) => (element.style.width = ''));
    await expect.poll(layers).toBe('abc');
    await ben.seesFramesIn(ben.tile('Ada'));
  });
});

describe('three people, two of them with Firefox', { timeout: 120_000 }, () => {
  it('see and hear who comes late, and in the place of who left who comes then', async ({ joinWith }) => {
    const [ada, ben] = [await joinWith('Firefox', 'Ada'), await joinWith('Chromium', 'Ben')];
    const cleo = await joinWith('Firefox', 'Cleo');
    await everybodySeesEverybody({ Ada: ada, Ben: ben, Cleo: cleo });
    await Promise.all([ada, ben, cleo].map((visitor) => hears(visitor, 2)));
    await ada.screenshot('firefox-three');
    const sections = await ada.page.evaluate(countSections);

    await cleo.press('Leave');
    await Promise.all([ada, ben].map((visitor) => expect.poll(() => visitor.tiles().count()).toBe(2)));
    const dora = await joinWith('Chromium', 'Dora');
    await everybodySeesEverybody({ Ada: ada, Ben: ben, Dora: dora });
    await hears(ada, 2);
    expect(await ada.page.evaluate(countSections)).toEqual(sections);
  });
});

async function hears(visitor: Visitor, sounds: number): Promise<void> {
  await expect.poll(() => visitor.countSounds(), { timeout: 20_000 }).toBe(sounds);
}

async function everybodySeesEverybody(people: Readonly<Record<string, Visitor>>): Promise<void> {
  const names = Object.keys(people);
  const looks = Object.entries(people).map(async ([own, visitor]) => {
    await expect.poll(() => visitor.tiles().count()).toBe(names.length);
    const others = names.filter((name) => name !== own);
    await Promise.all(others.map((name) => visitor.seesFramesIn(visitor.tile(name))));
  });
  await Promise.all(looks);
}

/** Runs in the page: Firefox without a display has no screen to share. */
function fakeScreen(): void {
  // The page before the first one is not secure, and has no devices.
  if (!navigator.mediaDevices) return;
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const context = canvas.getContext('2d')!;
    const stream = canvas.captureStream(15);
    const drawing = setInterval(() => {
      context.fillStyle = `hsl(${Math.round(performance.now() / 10) % 360} 80% 50%)`;
      context.fillRect(0, 0, 1280, 720);
      if (stream.getTracks().every(({ readyState }) => readyState === 'ended')) clearInterval(drawing);
    }, 66);
    return stream;
  };
}

/** Runs in the page: pictures encoded so far. */
async function countPicturesSent(): Promise<number> {
  let frames = 0;
  for (const connection of callProbe.connections)
    for (const report of (await connection.getStats()).values() as Iterable<RTCOutboundRtpStreamStats>)
      if (report.type === 'outbound-rtp' && report.kind === 'video') frames += report.framesEncoded ?? 0;
  return frames;
}

/** Runs in the page: the layers in which a picture was encoded within a second. Firefox does not tell which are on. */
async function readEncodedLayers(): Promise<string> {
  const count = async () => {
    const frames = new Map<string, number>();
    for (const connection of callProbe.connections)
      for (const report of (await connection.getStats()).values() as Iterable<RTCOutboundRtpStreamStats>)
        if (report.type === 'outbound-rtp' && report.kind === 'video')
          frames.set(report.rid ?? '', report.framesEncoded ?? 0);
    return frames;
  };
  const before = await count();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const now = [...(await count())].filter(([rid, frames]) => frames > (before.get(rid) ?? 0));
  return now
    .map(([rid]) => rid)
    .sort()
    .join('');
}

/** Runs in the page: the sections of each connection there has been. A connection that was replaced would be one more. */
function countSections(): number[] {
  return callProbe.connections.map((connection) => connection.getTransceivers().length);
}
