import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { FaultClient } from '../../broker/dev/sfu/faults/fault-client.ts';
import { MediaTimeline } from './testing/media-timeline.ts';
import { launchBrowser, newRoom, Visitor } from './testing/visitor.ts';

/** Sound is back so soon after a session of the SFU died without a word. */
const SESSION_DEATH_MS = 3_000;

const faults = new FaultClient(inject('controlUrl'));
let browser: Browser;
let ada: Visitor;
let ben: Visitor;

/** The SFU's ids of the sessions in which somebody publishes and receives. */
interface Sessions {
  publish: string;
  receive: string;
}

/** Sessions of this call. The SFU may still hold some of calls before it. */
async function ours() {
  return (await faults.sessions()).filter(({ sessionId }) => !others.has(sessionId));
}
let others: ReadonlySet<string> = new Set();

/** Of the two who are in the call, told apart by whom they receive. */
async function sessionsOf(): Promise<Record<'ada' | 'ben', Sessions>> {
  const open = (await ours()).filter(({ state }) => state === 'connected');
  const publishing = open.filter(({ published }) => published.length > 0).map(({ sessionId }) => sessionId);
  const receiverOf = (publish: string) =>
    open.find(({ pulled }) => pulled.some(({ sessionId }) => sessionId === publish))?.sessionId ?? '';
  const adas = publishing.find((id) => id === adaPublishes) ?? publishing.find((id) => id !== benPublishes) ?? '';
  const bens = publishing.find((id) => id !== adas) ?? '';
  [adaPublishes, benPublishes] = [adas, bens];
  return { ada: { publish: adas, receive: receiverOf(bens) }, ben: { publish: bens, receive: receiverOf(adas) } };
}
let adaPublishes = '';
let benPublishes = '';

/** Resolves once somebody uses another session than before. */
async function isNew(
  who: 'ada' | 'ben',
  which: keyof Sessions,
  before: Record<'ada' | 'ben', Sessions>,
): Promise<void> {
  const isThere = async () => ![before[who][which], ''].includes((await sessionsOf())[who][which]);
  await expect.poll(isThere).toBe(true);
}

/** What a page received and showed while something happened. */
async function watch(visitor: Visitor, strike: () => Promise<unknown>): Promise<MediaTimeline> {
  await MediaTimeline.start(visitor.page);
  await strike();
  return MediaTimeline.stop(visitor.page);
}

const pause = (milliseconds: number) => ada.page.waitForTimeout(milliseconds);

async function isWell(): Promise<void> {
  await Promise.all([ada.seesFramesIn(ada.tile('Ben')), ben.seesFramesIn(ben.tile('Ada'))]);
}

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe('two in a call', () => {
  afterAll(async () => {
    const complaints = [...ada.complaints, ...ben.complaints];
    await Promise.all([ada.close(), ben.close()]);
    expect(complaints).toEqual([]);
  });
  beforeEach(() => faults.clear());

  it('see and hear each other', async () => {
    const room = newRoom();
    others = new Set((await faults.sessions()).map(({ sessionId }) => sessionId));
    ada = await Visitor.join(browser, room, 'Ada');
    await expect.poll(async () => (await ours()).some(({ published }) => published.length > 0)).toBe(true);
    adaPublishes = (await ours()).find(({ published }) => published.length > 0)?.sessionId ?? '';
    ben = await Visitor.join(browser, room, 'Ben');
    await isWell();
  });

  it('hear each other again soon after what one receives in has died without a word', async () => {
    const before = await sessionsOf();
    const timeline = await watch(ben, async () => {
      await faults.kill(before.ben.receive);
      await isNew('ben', 'receive', before);
      await pause(1_500);
    });
    // It was dead: a second and a half of silence alone are the doubt.
    expect(timeline.longestGap('sound')).toBeGreaterThan(1_400);
    expect(timeline.longestGap('sound')).toBeLessThanOrEqual(SESSION_DEATH_MS + timeline.worstStall);
    // One tile each and one stream each all the while, and the last picture stayed until the new one came.
    expect(timeline.most('tiles')).toBe(2);
    expect(timeline.most('dark')).toBe(0);
    expect(timeline.most('streams')).toBe(2);
    await isWell();
    expect(await ben.countSounds()).toBe(1);
    expect((await sessionsOf()).ada).toEqual({ ...before.ada, receive: expect.any(String) });
  });

  it('hear each other again soon after what one publishes in has died without a word', async () => {
    const before = await sessionsOf();
    const timeline = await watch(ben, async () => {
      await faults.kill(before.ada.publish);
      await isNew('ada', 'publish', before);
      await pause(1_500);
    });
    expect(timeline.longestGap('sound')).toBeGreaterThan(1_400);
    expect(timeline.longestGap('sound')).toBeLessThanOrEqual(SESSION_DEATH_MS + timeline.worstStall);
    expect(timeline.most('tiles')).toBe(2);
    expect(timeline.most('dark')).toBe(0);
    await isWell();
    expect(await ben.countSounds()).toBe(1);
  });

  it.each([
    ['that a session is gone', { type: 'status', status: 410, times: 1 }],
    ['503, several times', { type: 'status', status: 503, times: 3 }],
    ['an answer that is lost', { type: 'drop-response', times: 1 }],
  ] as const)('see who comes while the SFU answers a pull with %s', async (_, fault) => {
    const { ben: sessions } = await sessionsOf();
    const { id } = await faults.set({ ...fault, operation: 'tracks/new', sessionId: sessions.receive });
    const timeline = await watch(ben, async () => {
      await ada.switch('Share screen', true);
      await ben.seesFramesIn(ben.page.locator('rc-participant-tile').filter({ hasText: 'Screen of Ada' }));
    });
    const [struck] = (await faults.list()).filter((active) => active.id === id);
    expect(struck?.hits ?? fault.times).toBe(fault.times);
    expect(timeline.longestGap('sound')).toBeLessThan(1_000 + timeline.worstStall);
    await ada.switch('Share screen', false);
    await expect.poll(() => ben.tiles().count()).toBe(2);
    await isWell();
  });

  it('see a screen once whose publication was done and never answered', async () => {
    const before = await sessionsOf();
    const fault = { type: 'drop-response', operation: 'tracks/new', times: 1 } as const;
    const { id } = await faults.set({ ...fault, sessionId: before.ada.publish });
    const timeline = await watch(ben, async () => {
      await ada.switch('Share screen', true);
      await ben.seesFramesIn(ben.page.locator('rc-participant-tile').filter({ hasText: 'Screen of Ada' }));
      await isNew('ada', 'publish', before);
    });
    const [struck] = (await faults.list()).filter((active) => active.id === id);
    expect(struck?.hits ?? fault.times).toBe(fault.times);
    expect(timeline.most('tiles')).toBe(3);
    expect(timeline.longestGap('sound')).toBeLessThan(1_000 + timeline.worstStall);
    const screens = async () =>
      (await ours())
        .filter(({ state }) => state === 'connected')
        .flatMap(({ published }) => published.filter((name) => /^screen-(?!audio)/.test(name)));
    await expect.poll(screens).toHaveLength(1);
    await ada.switch('Share screen', false);
    await expect.poll(() => ben.tiles().count()).toBe(2);
    await isWell();
  });
});
