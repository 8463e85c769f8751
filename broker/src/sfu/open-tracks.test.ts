import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { array, assert, asyncProperty, constantFrom, nat, tuple } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CAMERA,
  MICROPHONE,
  Member,
  call,
  cleanUp,
  evictBetweenSteps,
  mint,
  publishing,
  refusal,
  room,
  step,
} from '../testing/client.ts';
import { RoomObject } from '../room/room-object.ts';
import { FakeSfu, failed } from '../testing/fake-sfu.ts';
import { receivingOffer } from '../testing/sdp.ts';

let sfu: FakeSfu;
beforeEach(() => {
  sfu = FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  evictBetweenSteps(true);
  await cleanUp();
});

/** In place of a method of the object: ends it there, as a deploy may. */
function endObject(this: RoomObject): never {
  this['ctx'].abort('restart');
  throw new Error('not reached');
}

const stub = () => env.ROOMS.getByName(room());

/** Lets time pass, with its alarms, until nobody is in the room and nothing is left to close. */
async function passUntilOver(): Promise<void> {
  const isOver = () =>
    runInDurableObject(stub(), (_object, { storage }) => {
      const hasTables = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'seat'").toArray().length > 0;
      return (
        !hasTables || storage.sql.exec('SELECT id FROM seat UNION ALL SELECT id FROM closing').toArray().length === 0
      );
    });
  for (let rounds = 0; !(await isOver()); rounds += 1) {
    if (rounds > 40) throw new Error('the room does not end');
    // Longer than a seat without a socket is kept though the SFU knows its session.
    vi.setSystemTime(Date.now() + 25 * 60 * 60 * 1000);
    await runDurableObjectAlarm(stub());
    // What was begun ends before the object may be asked again: it waits for nothing but the double.
    await scheduler.wait(2);
    await step();
  }
}

const receiving = () => ({ receive: { sessionDescription: receivingOffer(2, 2) } });

describe('SF11 what a call has made is closed in the end, though its answer was lost', () => {
  it('publishing with the join', async () => {
    sfu.lose('tracks/new');
    const ann = await Member.join({}, { publish: publishing() });
    expect(ann.joined.publish).toMatchObject({ errorCode: 'sfu_unreachable' });
    expect(sfu.open).toHaveLength(2);
    await ann.call('POST', '/leave');
    await passUntilOver();
    expect(sfu.open).toEqual([]);
  });

  it('receiving with the join', async () => {
    const ann = await Member.live();
    sfu.lose('tracks/new');
    const bob = await Member.join({ sub: 'bob' }, receiving());
    expect(bob.joined.receive).toMatchObject({ errorCode: 'sfu_unreachable' });
    expect(sfu.open).toHaveLength(4);
    await bob.call('POST', '/leave');
    await vi.waitFor(() => expect(sfu.open).toHaveLength(2));
    await ann.call('POST', '/leave');
    await passUntilOver();
    expect(sfu.open).toEqual([]);
  });

  it('publishing and receiving by single calls', async () => {
    const ann = await Member.live();
    const bob = await Member.join({ sub: 'bob' });
    const session = async () =>
      ((await (await bob.call('POST', '/sessions/new')).json()) as { sessionId: string }).sessionId;
    const [sending, getting] = [await session(), await session()];
    sfu.lose('tracks/new');
    expect((await bob.call('POST', `/sessions/${sending}/tracks/new`, publishing())).status).toBe(502);
    sfu.lose('tracks/new');
    const tracks = [{ location: 'remote', sessionId: ann.publishSession, trackName: CAMERA.trackName }];
    expect((await bob.call('POST', `/sessions/${getting}/tracks/new`, { tracks })).status).toBe(502);
    expect(sfu.open).toHaveLength(5);
    for (const member of [bob, ann]) await member.call('POST', '/leave');
    await passUntilOver();
    expect(sfu.open).toEqual([]);
  });

  it('closing, and the list of what there is, failed a few times', async () => {
    sfu.lose('tracks/new');
    const ann = await Member.join({}, { publish: publishing() });
    for (let fails = 0; fails < 3; fails += 1) sfu.once('tracks/close', () => failed(503, 'backend_error'));
    await ann.call('POST', '/leave');
    await passUntilOver();
    expect(sfu.open).toEqual([]);
  });
});

describe('SF11 a room that ends in the middle of being told', () => {
  const restart = (times: number) => {
    const commit = vi.spyOn(RoomObject.prototype, 'commit');
    for (let count = 0; count < times; count += 1) commit.mockImplementationOnce(endObject);
    return commit;
  };

  it('SF11 of a join is told again: the seat has what was made for it, and gives it back', async () => {
    const commit = restart(2);
    const ann = await Member.join({}, { publish: publishing() });
    expect(commit).toHaveBeenCalledTimes(3);
    await ann.connect();
    await ann.say({ type: 'tracks', sessionId: ann.publishSession, tracks: [MICROPHONE, CAMERA] });
    await ann.next('change', (change) => change.type === 'put' && change.participant.tracks.length === 2);
    await ann.call('POST', '/leave');
    await passUntilOver();
    expect(sfu.open).toEqual([]);
  });

  it('SF11 of a track that is received is told again, though the answer has gone out', async () => {
    const ann = await Member.live();
    const bob = await Member.join({ sub: 'bob' });
    const { sessionId } = (await (await bob.call('POST', '/sessions/new')).json()) as { sessionId: string };
    // It ends by itself here: the runtime does not survive two ends at once.
    evictBetweenSteps(false);
    const commit = restart(1);
    const tracks = [{ location: 'remote', sessionId: ann.publishSession, trackName: CAMERA.trackName }];
    expect((await bob.call('POST', `/sessions/${sessionId}/tracks/new`, { tracks })).status).toBe(200);
    await vi.waitUntil(() => commit.mock.results.some(({ type }) => type === 'return'), { interval: 2 });
    for (const member of [bob, ann]) await member.call('POST', '/leave');
    await passUntilOver();
    expect(sfu.open).toEqual([]);
  });

  it('SF11 ER4 again and again is told five times and no more; what was made is closed, and the call has failed', async () => {
    const commit = restart(9);
    const response = await call('POST', `/rooms/${room()}/join`, {
      bearer: await mint(),
      body: { protocol: 1, publish: publishing() },
    });
    expect(await refusal(response)).toBe('500 internal_error');
    expect(commit).toHaveBeenCalledTimes(5);
    expect([sfu.sessions.size, sfu.open]).toEqual([1, []]);
  });
});

describe('SF11 many random calls', () => {
  const SUBS = ['ann', 'bob', 'cat'];
  const STEP = tuple(
    constantFrom(
      'join',
      'join',
      'listen',
      'api',
      'pull',
      'leave',
      'kick',
      'vanish',
      'lose',
      'fail',
      'failClose',
      'time',
    ),
    nat(SUBS.length - 1),
  );

  async function take(kind: string, sub: string, members: Map<string, Member>): Promise<void> {
    const member = members.get(sub);
    switch (kind) {
      case 'join':
      case 'listen': {
        const wishes = { ...(kind === 'join' && { publish: publishing() }), ...receiving() };
        vi.setSystemTime(Date.now() + 3_000);
        const joined = await Member.join({ sub, role: 'host' }, wishes);
        members.set(sub, joined);
        await joined.connect();
        if (joined.joined.publish && 'sessionId' in joined.joined.publish)
          await joined.say({ type: 'tracks', sessionId: joined.publishSession, tracks: [MICROPHONE, CAMERA] });
        return;
      }
      case 'api': {
        const bearer = await mint({ sub });
        vi.setSystemTime(Date.now() + 3_000);
        const answer = (await (await call('POST', `/rooms/${room()}/sessions/new`, { bearer })).json()) as {
          sessionId?: string;
        };
        if (answer.sessionId)
          await call('POST', `/rooms/${room()}/sessions/${answer.sessionId}/tracks/new`, {
            bearer,
            body: publishing(),
          });
        return;
      }
      case 'pull': {
        const other = [...members.values()].find(({ joined }) => joined.publish && 'sessionId' in joined.publish);
        if (!member || !other) return;
        const { sessionId } = (await (await member.call('POST', '/sessions/new')).json()) as { sessionId?: string };
        const tracks = [{ location: 'remote', sessionId: other.publishSession, trackName: CAMERA.trackName }];
        await member.call('POST', `/sessions/${sessionId}/tracks/new`, { tracks });
        return;
      }
      case 'leave':
        members.delete(sub);
        await member?.call('POST', '/leave');
        return;
      case 'kick': {
        const [other] = members.values();
        if (!member || !other || other === member) return;
        members.delete(SUBS.find((name) => members.get(name) === member)!);
        vi.setSystemTime(Date.now() + 3_000);
        return other.say({ type: 'remove', id: member.id }).catch(() => undefined);
      }
      case 'vanish':
        members.delete(sub);
        return;
      case 'lose':
        return sfu.lose('tracks/new');
      case 'fail':
        return sfu.once('tracks/new', () => failed(503, 'backend_error'));
      case 'failClose':
        return sfu.once('tracks/close', () => failed(503, 'backend_error'));
      case 'time':
        vi.setSystemTime(Date.now() + 26_000);
        await runDurableObjectAlarm(stub());
        return step();
    }
  }

  it('leave nothing open at the SFU: every session is closed, kicked, lost, replaced, joined and vanished', async () => {
    let made = 0;
    const property = asyncProperty(array(STEP, { minLength: 8, maxLength: 25, size: 'max' }), async (steps) => {
      const members = new Map<string, Member>();
      for (const [kind, sub] of steps) await take(kind, SUBS[sub]!, members);
      sfu.forgetFaults();
      await passUntilOver();
      expect(sfu.open).toEqual([]);
      made += sfu.sessions.size;
      sfu.sessions.clear();
      await cleanUp();
    });
    await assert(property, { numRuns: 12, endOnFailure: true });
    expect(made).toBeGreaterThan(20);
  }, 60_000);
});
