import { describe, expect, inject } from 'vitest';
import { FaultClient } from '../../broker/dev/sfu/faults/fault-client.ts';
import { it as base } from './testing/it.ts';
import { demoUrl, type Visitor } from './testing/visitor.ts';

const it = base
  /** Somebody who has come near to the join button, and no nearer. */
  .extend('approach', ({ open, room }) => async (name: string) => {
    const visitor = await open(demoUrl(room));
    await visitor.enterName(name);
    await visitor.page.getByRole('button', { name: 'Join', exact: true }).hover();
    return visitor;
  })
  /** The SFU's sessions that began with this test. */
  // oxlint-disable-next-line no-empty-pattern -- the runner reads from the pattern what is needed: here nothing
  .extend('sessions', async ({}) => {
    const sfu = new FaultClient(inject('controlUrl'));
    const before = new Set((await sfu.sessions()).map(({ sessionId }) => sessionId));
    return async () => (await sfu.sessions()).filter(({ sessionId }) => !before.has(sessionId));
  });

/** What the page asks of the broker from now on, without its preflights. */
function watchCalls({ page }: Visitor): string[] {
  const calls: string[] = [];
  page.on('request', (request) => {
    const [, call] = /\/rooms\/[^/]+\/(.+)$/.exec(request.url()) ?? [];
    if (call !== undefined && request.method() !== 'OPTIONS') calls.push(call);
  });
  return calls;
}

/** Tells the sessions that there are then and were not before. */
async function newOf<T extends { sessionId: string }>(sessions: () => Promise<T[]>): Promise<() => Promise<T[]>> {
  const before = new Set((await sessions()).map(({ sessionId }) => sessionId));
  return async () => (await sessions()).filter(({ sessionId }) => !before.has(sessionId));
}

describe('a lobby', () => {
  it('connects whoever is about to join; nobody hears of it, no light goes on, and nothing stays of it', async ({
    join,
    approach,
    sessions,
  }) => {
    const ada = await join('Ada');
    const made = await newOf(sessions);
    const ben = await approach('Ben');
    await expect.poll(async () => (await made()).map(({ state }) => state)).toEqual(['connected', 'connected']);
    for (const session of await made()) expect(session).toMatchObject({ published: [], pulled: [] });
    expect([await ben.liveCaptures(), await ada.tiles().count()]).toEqual([[], 1]);

    await ben.page.locator('realtime-call').evaluate((element) => element.remove());
    await expect.poll(() => ben.openConnections()).toBe(0);
    const still = async () => (await made()).filter(({ state }) => state === 'connected');
    await expect.poll(still).toEqual([]);
  });

  it('lets join over what was connected: one call, no new session, pictures both ways', async ({
    join,
    approach,
    sessions,
  }) => {
    const ada = await join('Ada');
    const ben = await approach('Ben');
    await expect.poll(async () => (await sessions()).map(({ state }) => state)).toEqual(Array(4).fill('connected'));
    await ben.turnOnDevices();
    await ben.switch('Camera', false);
    await ben.switch('Camera', true);
    const calls = watchCalls(ben);
    await ben.clickJoin();
    await ben.isInCall();
    await Promise.all([ben.seesFramesIn(ben.tile('Ada')), ada.seesFramesIn(ada.tile('Ben'))]);
    expect(calls.filter((call) => /^(prepare|join|sessions\/new)/.test(call))).toEqual(['join']);
    expect([await ben.openConnections(), (await sessions()).length]).toEqual([2, 4]);
    expect(await ben.countSounds()).toBe(1);
  });

  it('lets join without that where the sessions have ended meanwhile, and nobody notices', async ({
    join,
    approach,
    sessions,
  }) => {
    const ada = await join('Ada');
    const made = await newOf(sessions);
    const ben = await approach('Ben');
    await expect.poll(async () => (await made()).map(({ state }) => state)).toEqual(['connected', 'connected']);
    const sfu = new FaultClient(inject('controlUrl'));
    // As the SFU says it of a session that it has forgotten.
    const ended = { type: 'status', status: 410, operation: 'tracks/new', times: 1 } as const;
    const faults = await Promise.all((await made()).map(({ sessionId }) => sfu.set({ ...ended, sessionId })));
    const calls = watchCalls(ben);
    await ben.clickJoin();
    await ben.isInCall();
    await ben.seesFramesIn(ben.tile('Ada'));
    const struck = (await sfu.list()).filter(({ id }) => faults.some((fault) => fault.id === id));
    expect(struck.map(({ hits }) => hits)).toEqual([1, 1]);
    expect(calls.filter((call) => call === 'join')).toHaveLength(2);
    expect(await ben.openConnections()).toBe(2);
    expect(await ada.tiles().count()).toBe(2);
  });
});
