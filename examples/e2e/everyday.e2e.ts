import type { Locator, Page } from 'playwright-core';
import { describe, expect, inject } from 'vitest';
import { it as base } from './testing/it.ts';
import { MediaTimeline } from './testing/media-timeline.ts';
import { newRoom, Visitor } from './testing/visitor.ts';

const DAY_MS = 86_400_000;

const broker = inject('brokerUrl');
/** What the README asks a page with a strict policy to allow, and nothing else. */
const POLICY = [
  "default-src 'none'",
  `script-src ${broker}`,
  `connect-src 'self' ${broker} ${broker.replace('http', 'ws')}`,
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ');

/** Somebody in the call, and every address that was asked for anything by their page. */
interface Participant {
  visitor: Visitor;
  requests: string[];
}

/** `pair` are Ada and Ben: in one call through all the tests of this file, on pages with a strict policy. */
const it = base.extend('pair', { scope: 'file' }, async ({ browser, tags }, { onCleanup }) => {
  const room = newRoom();
  const enter = async (name: string, clockError: number): Promise<Participant> => {
    const requests: string[] = [];
    const prepare = async (page: Page) => {
      page.on('request', (request) => requests.push(request.url()));
      page.on('websocket', (socket) => requests.push(socket.url()));
      await page.addInitScript(turnClock, clockError);
    };
    const visitor = await Visitor.open(browser, tags.url({ room, 'token-url': '/call-token' }, POLICY), { prepare });
    // As some frameworks do: into the page, out of it, and in again.
    await call(visitor).evaluate((element) => {
      const place = element.parentElement;
      element.remove();
      place?.append(element);
    });
    await visitor.askToJoin(name);
    await visitor.isInCall();
    return { visitor, requests };
  };
  const [ada, ben] = [await enter('Ada', DAY_MS), await enter('Ben', -DAY_MS)];
  onCleanup(async () => {
    await Promise.all([ada, ben].map(({ visitor }) => visitor.close()));
    expect([...ada.visitor.complaints, ...ben.visitor.complaints]).toEqual([]);
  });
  return { ada, ben };
});

function call({ page }: Visitor): Locator {
  return page.locator('realtime-call');
}

/** Runs in the page before its own scripts. */
function turnClock(milliseconds: number): void {
  const { now } = Date;
  globalThis.Date = class extends Date {
    constructor(...date: [] | ConstructorParameters<typeof Date>) {
      super(...((date.length > 0 ? date : [now() + milliseconds]) as [number]));
    }
    static override now(): number {
      return now() + milliseconds;
    }
  } as DateConstructor;
}

describe('two in a call, on pages with a strict policy', () => {
  it('see and hear each other, though their clocks are two days apart', async ({ pair: { ada, ben } }) => {
    const clocks = await Promise.all([ada, ben].map(({ visitor }) => visitor.page.evaluate(() => Date.now())));
    expect(clocks[0]! - clocks[1]!).toBeGreaterThan(1.9 * DAY_MS);
    const policy = await ada.visitor.page.evaluate(() => {
      try {
        return Boolean((document.body.lastElementChild!.innerHTML = 'not trusted'));
      } catch (error) {
        return String(error);
      }
    });
    expect(policy).toContain('TrustedHTML');
    // The policy's own word about that attempt.
    expect(ada.visitor.complaints.splice(0).join()).toContain('TrustedHTML');
    await Promise.all([
      ada.visitor.seesFramesIn(ada.visitor.tile('Ben')),
      ben.visitor.seesFramesIn(ben.visitor.tile('Ada')),
    ]);
    await expect.poll(() => ben.visitor.countSounds()).toBe(1);
  });

  it('go on while the page moves the element about and changes its attributes', async ({ pair: { ada, ben } }) => {
    const { page } = ada.visitor;
    const connections = await page.evaluate(() => callProbe.connections.length);
    await Promise.all([ada, ben].map(({ visitor }) => MediaTimeline.start(visitor.page)));
    await call(ada.visitor).evaluate(async (element) => {
      const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
      const [first, second] = [document.createElement('section'), document.createElement('section')];
      document.body.append(first, second);
      first.append(element);
      await pause();
      element.remove();
      second.append(element);
      await pause();
      (first as ParentNode & { moveBefore(node: Node, before: null): void }).moveBefore(element, null);
      await pause();
      for (const name of ['room', 'token', 'token-url', 'broker', 'name']) {
        const value = element.getAttribute(name);
        element.setAttribute(name, 'another');
        await pause();
        if (value === null) element.removeAttribute(name);
        else element.setAttribute(name, value);
      }
    });
    const timelines = await Promise.all([ada, ben].map(({ visitor }) => MediaTimeline.stop(visitor.page)));
    for (const timeline of timelines) {
      for (const kind of ['sound', 'pictures'] as const)
        expect(timeline.longestGap(kind), kind).toBeLessThan(1_000 + timeline.worstStall);
      expect(timeline.most('tiles')).toBe(2);
    }
    await ada.visitor.seesFramesIn(ada.visitor.tile('Ben'));
    expect(await page.evaluate(() => callProbe.connections.length)).toBe(connections);
    expect(ada.requests.filter((url) => url.endsWith('/join'))).toHaveLength(1);
  });

  it('go on with another device when one is unplugged', async ({ pair: { ada, ben } }) => {
    const captured = await ada.visitor.page.evaluate(() => {
      for (const track of callProbe.captured.filter(({ readyState }) => readyState === 'live')) {
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }
      return callProbe.captured.length;
    });
    await expect.poll(() => ada.visitor.page.evaluate(() => callProbe.captured.length)).toBe(captured + 2);
    await ben.visitor.seesFramesIn(ben.visitor.tile('Ada'));
    await expect.poll(() => ben.visitor.countSounds()).toBe(1);
    expect(await ada.visitor.liveCaptures()).toHaveLength(2);
  });

  it('end with the last wish, however fast microphone and camera are switched', async ({ pair: { ada, ben } }) => {
    const buttons = ['Microphone', 'Camera'].map((name) => ada.visitor.page.getByRole('button', { name, exact: true }));
    const [microphone, camera] = await Promise.all(buttons.map((button) => button.elementHandle()));
    await ada.visitor.page.evaluate(
      async ([microphone, camera]) => {
        const press = async (button: Node | null | undefined, times: number) => {
          for (let time = 0; time < times; time += 1) {
            (button as HTMLElement).click();
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        };
        await Promise.all([press(microphone, 51), press(camera, 50)]);
      },
      [microphone, camera] as const,
    );
    await ada.visitor.page.getByRole('button', { name: 'Microphone', exact: true, pressed: false }).waitFor();
    await ada.visitor.page.getByRole('button', { name: 'Camera', exact: true, pressed: true }).waitFor();
    await ben.visitor.seesFramesIn(ben.visitor.tile('Ada'));
    await expect.poll(() => ben.visitor.countSounds()).toBe(0);
    await ada.visitor.switch('Microphone', true);
    await expect.poll(() => ben.visitor.countSounds()).toBe(1);
    expect(await ada.visitor.liveCaptures()).toHaveLength(2);
  });

  it('see a shared screen go that the bar of the browser stops, and are told of no error', async ({
    pair: { ada, ben },
  }) => {
    const { page } = ada.visitor;
    const stage = ben.visitor.page.locator('rc-participant-tile').filter({ hasText: 'Screen of Ada' });
    await ada.visitor.switch('Share screen', true);
    await ben.visitor.seesFramesIn(stage);
    await page.evaluate(() => {
      const screens = callProbe.captured.filter(
        ({ readyState, label }) => readyState === 'live' && /screen/.test(label),
      );
      for (const track of screens) {
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }
    });
    await page.getByRole('button', { name: 'Share screen', exact: true, pressed: false }).waitFor();
    await stage.waitFor({ state: 'detached' });
    expect(await page.locator('rc-notices button').count()).toBe(0);
    await ben.visitor.seesFramesIn(ben.visitor.tile('Ada'));
    expect(await ada.visitor.liveCaptures()).toHaveLength(2);
  });

  it('ask nobody but the site and the broker, and keep nothing of a call that was left', async ({ pair: { ada } }) => {
    const { page } = ada.visitor;
    await ada.visitor.press('Leave');
    await page.getByText('You left the call').waitFor();
    const site = new URL(page.url()).origin;
    const allowed = [
      `${site}/?`,
      `${site}/favicon.ico`,
      `${site}/call-token?`,
      `${broker}/realtime-call.js`,
      `${broker}/rooms/`,
      `${broker.replace('http', 'ws')}/rooms/`,
    ];
    expect(ada.requests.filter((url) => !allowed.some((start) => url.startsWith(start)))).toEqual([]);
    expect(ada.requests.filter((url) => /eyJ|secret|ticket=/.test(url))).toEqual([]);
    expect(await page.evaluate(readStorage)).toEqual({
      session: ['realtime-call:guest'],
      local: [],
      cookies: '',
      caches: [],
      databases: 0,
      workers: 0,
    });
  });
});

/** Runs in the page: whatever it could have left on the machine of its visitor. */
async function readStorage(): Promise<Record<string, unknown>> {
  return {
    session: Object.keys(sessionStorage),
    local: Object.keys(localStorage),
    cookies: document.cookie,
    caches: await caches.keys(),
    databases: (await indexedDB.databases()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  };
}
