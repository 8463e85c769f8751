/* oxlint-disable no-empty-pattern -- the runner reads from the pattern what a fixture needs: here nothing */
import type { Browser } from 'playwright-core';
import { describe, expect, vi } from 'vitest';
import { it as base } from './testing/it.ts';
import { MediaTimeline } from './testing/media-timeline.ts';
import { startOutageStack, type OutageStack } from './testing/outage-stack.ts';
import { launchBrowser, newRoom, Visitor } from './testing/visitor.ts';

/** Media that should go on all the while may stutter so long on a busy machine. */
const STUTTER_MS = 1_000;
/** Media is back so soon after the network is. */
const RETURN_MS = 8_000;
/** `DARK_SECONDS=60 npm run test:e2e -- outages` tries another time in the dark. */
const DARK_MS = Number(process.env['DARK_SECONDS'] ?? 8) * 1_000;

interface Member {
  visitor: Visitor;
  /** WebSockets of the page that were opened, and those of them that are closed. */
  sockets: { opened: number; closed: number };
}

interface Pair {
  ada: Member;
  ben: Member;
}

/** `pair` are Ada and Ben, in one call through all the tests of this file, each in a browser of their own. */
const it = base
  .extend('stack', { scope: 'file' }, async ({}, { onCleanup }) => {
    const stack = await startOutageStack();
    onCleanup(() => stack.stop());
    return stack;
  })
  .extend('benBrowser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await launchBrowser();
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('pair', { scope: 'file' }, async ({ stack, browser, benBrowser }, { onCleanup }) => {
    const room = newRoom();
    const enter = async (from: Browser, name: string): Promise<Member> => {
      const sockets = { opened: 0, closed: 0 };
      const prepare: typeof stack.prepare = async (page) => {
        page.on('websocket', (socket) => {
          sockets.opened += 1;
          socket.on('close', () => (sockets.closed += 1));
        });
        await stack.prepare(page);
      };
      const visitor = await Visitor.open(from, `${stack.siteUrl}/?room=${room}`, { prepare });
      await visitor.askToJoin(name);
      await visitor.isInCall();
      return { visitor, sockets };
    };
    const [ada, ben] = [await enter(browser, 'Ada'), await enter(benBrowser, 'Ben')];
    onCleanup(async () => {
      const complaints = [...ada.visitor.complaints, ...ben.visitor.complaints];
      await Promise.all([ada, ben].map(({ visitor }) => visitor.close()));
      // The browser's own line about a socket that did not open; no page can prevent it.
      expect(complaints.filter((text) => !text.startsWith('WebSocket connection to'))).toEqual([]);
    });
    return { ada, ben };
  });

/** Ids of all sessions that the SFU holds. */
async function allSessions(stack: OutageStack): Promise<string[]> {
  return (await stack.faults.sessions()).map(({ sessionId }) => sessionId).sort();
}

/** Ids of those that carry something. */
async function sessionsInUse(stack: OutageStack): Promise<string[]> {
  return (await stack.faults.sessions())
    .filter(({ state, published, pulled }) => state === 'connected' && published.length + pulled.length > 0)
    .map(({ sessionId }) => sessionId)
    .sort();
}

/** What both pages received and showed while something happened. */
async function watch({ ada, ben }: Pair, strike: () => Promise<unknown>): Promise<MediaTimeline[]> {
  const pages = [ada, ben].map(({ visitor }) => visitor.page);
  await Promise.all(pages.map((page) => MediaTimeline.start(page)));
  await strike();
  return Promise.all(pages.map((page) => MediaTimeline.stop(page)));
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function isWell({ ada, ben }: Pair): Promise<void> {
  await Promise.all([
    ada.visitor.seesFramesIn(ada.visitor.tile('Ben')),
    ben.visitor.seesFramesIn(ben.visitor.tile('Ada')),
  ]);
}

/** After a while in the dark: what is made anew may still take over while one looks, and its count begins at nothing. */
function isWellAgain(pair: Pair): Promise<void> {
  return vi.waitFor(() => isWell(pair), { timeout: 20_000 });
}

/** One tile each all the while, and nobody's picture or sound began anew. */
function expectNoFlash(timelines: readonly MediaTimeline[]): void {
  for (const timeline of timelines) {
    expect(timeline.most('tiles')).toBe(2);
    expect(timeline.most('streams')).toBe(2);
  }
}

function expectNoGap(timeline: MediaTimeline, kind: 'sound' | 'pictures'): void {
  expect(timeline.longestGap(kind)).toBeLessThan(STUTTER_MS + timeline.worstStall);
}

/** Nothing came for about so long, and then something soon. */
/** Ada's camera was on all the while. */
async function expectUntouched(timelines: MediaTimeline[], stack: OutageStack, before: unknown): Promise<void> {
  for (const timeline of timelines) expectNoGap(timeline, 'sound');
  expectNoGap(timelines[1]!, 'pictures');
  expectNoFlash(timelines);
  expect(await allSessions(stack)).toEqual(before);
}

function expectGap(timeline: MediaTimeline, kind: 'sound' | 'pictures', milliseconds: number, returnMs: number): void {
  expect(timeline.longestGap(kind)).toBeGreaterThan(milliseconds - 800);
  expect(timeline.longestGap(kind)).toBeLessThan(milliseconds + returnMs + timeline.worstStall);
}

describe('two in a call', () => {
  it('see and hear each other', async ({ pair }) => {
    await isWell(pair);
    expect(await pair.ada.visitor.countSounds()).toBe(1);
  });

  it('do so all the while when the broker is started again', async ({ stack, pair }) => {
    const { ada, ben } = pair;
    const before = await allSessions(stack);
    const opened = [ada.sockets.opened, ben.sockets.opened];
    const timelines = await watch(pair, async () => {
      await stack.broker.restart();
      await expect.poll(() => [ada.sockets.closed, ben.sockets.closed]).toEqual(opened);
      await ben.visitor.switch('Camera', false);
      await expect.poll(() => ada.visitor.tile('Ben').locator('video').count()).toBe(0);
    });
    await expectUntouched(timelines, stack, before);
    await ben.visitor.switch('Camera', true);
    await isWell(pair);
  });

  it('do so all the while when their sockets are cut, and learn then what happened meanwhile', async ({
    stack,
    pair,
  }) => {
    const { ada, ben } = pair;
    const before = await allSessions(stack);
    const timelines = await watch(pair, async () => {
      const [closed] = [ada.sockets.closed];
      expect(stack.door.shut()).toBeGreaterThanOrEqual(2);
      await expect.poll(() => ada.sockets.closed).toBeGreaterThan(closed);
      await ben.visitor.switch('Camera', false);
      await ada.visitor.switch('Microphone', false);
      await pause(2_500);
      expect(await ada.visitor.tile('Ben').locator('video').count()).toBe(1);
      stack.door.open();
      await expect.poll(() => ada.visitor.tile('Ben').locator('video').count()).toBe(0);
      await ada.visitor.switch('Microphone', true);
    });
    await expectUntouched(timelines, stack, before);
    await ben.visitor.switch('Camera', true);
    await isWell(pair);
  });

  it('go on to hear each other where a tenth and then a third of the packets is lost, and all are late', async ({
    stack,
    pair,
  }) => {
    const before = await allSessions(stack);
    const timelines = await watch(pair, async () => {
      await stack.faults.set({ type: 'latency', ms: 200 });
      for (const share of [0.1, 0.3]) {
        const { id } = await stack.faults.set({ type: 'loss', share, seed: 7 });
        await pause(2_500);
        const struck = (await stack.faults.list()).find((fault) => fault.id === id);
        expect(struck?.hits).toBeGreaterThan(50);
        await stack.faults.clear(id);
      }
    });
    await clearTroubles(stack);
    for (const timeline of timelines) expectNoGap(timeline, 'sound');
    expectNoFlash(timelines);
    expect(await allSessions(stack)).toEqual(before);
    await isWell(pair);
  });

  it('keep their sessions where it is dark for three seconds', async ({ stack, pair }) => {
    await expect.poll(() => sessionsInUse(stack)).toHaveLength(4);
    const before = await sessionsInUse(stack);
    const timelines = await watch(pair, async () => {
      await stack.faults.set({ type: 'blackout' });
      await pause(3_000);
      await clearTroubles(stack);
      await pause(1_500);
    });
    for (const timeline of timelines) expectGap(timeline, 'sound', 3_000, STUTTER_MS);
    expectNoFlash(timelines);
    // Tries that came to nothing are given back.
    await expect.poll(() => sessionsInUse(stack)).toEqual(before);
    await isWell(pair);
  });

  it(
    'see and hear each other again soon after a longer time in the dark',
    { timeout: 60_000 + DARK_MS },
    async ({ stack, pair }) => {
      const timelines = await watch(pair, async () => {
        await stack.faults.set({ type: 'blackout' });
        await pause(DARK_MS);
        await clearTroubles(stack);
        await isWellAgain(pair);
      });
      for (const timeline of timelines) expectGap(timeline, 'sound', DARK_MS, RETURN_MS);
      expectNoFlash(timelines);
    },
  );

  it('do so after twenty seconds without any network, whoever was muted still is, and nobody has left', async ({
    stack,
    pair,
  }) => {
    const { ada, ben } = pair;
    await ada.visitor.switch('Microphone', false);
    const contexts = [ada, ben].map(({ visitor }) => visitor.page.context());
    const timelines = await watch(pair, async () => {
      await Promise.all(contexts.map((context) => context.setOffline(true)));
      stack.door.shut();
      await stack.faults.set({ type: 'blackout' });
      await pause(20_000);
      await clearTroubles(stack);
      stack.door.open();
      await Promise.all(contexts.map((context) => context.setOffline(false)));
      await isWellAgain(pair);
    });
    for (const timeline of timelines) expectGap(timeline, 'pictures', 20_000, RETURN_MS);
    expectNoFlash(timelines);
    expect(await ben.visitor.countSounds()).toBe(0);
    await ada.visitor.switch('Microphone', true);
    await expect.poll(() => ben.visitor.countSounds()).toBe(1);
  });

  it('are both still there after the machine of one has slept for seven seconds', async ({
    stack,
    pair,
    benBrowser,
  }) => {
    const { ada, ben } = pair;
    await expect.poll(() => sessionsInUse(stack)).toHaveLength(4);
    const before = await sessionsInUse(stack);
    await MediaTimeline.start(ada.visitor.page);
    await suspend(benBrowser, 7_000);
    await isWell(pair);
    const timeline = await MediaTimeline.stop(ada.visitor.page);
    expectGap(timeline, 'sound', 7_000, RETURN_MS);
    expectNoFlash([timeline]);
    expect(await sessionsInUse(stack)).toEqual(before);
    expect(await ben.visitor.countSounds()).toBe(1);
  });
});

/** All but the relays. */
async function clearTroubles({ faults }: OutageStack): Promise<void> {
  for (const { id, type } of await faults.list()) if (type !== 'relay') await faults.clear(id);
}

/** Stops everything a browser's pages run in, as sleep does, for so long. Timers, sockets and media stand still. */
async function suspend(browser: Browser, milliseconds: number): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  expect(renderers.length).toBeGreaterThan(0);
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    for (const { id } of renderers) process.kill(id, name);
  };
  signal('SIGSTOP');
  try {
    await pause(milliseconds);
  } finally {
    signal('SIGCONT');
  }
}
