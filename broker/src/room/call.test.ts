import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RoomTokenClaims } from '#protocol';
import { CAMERA, MICROPHONE, Member, call, cleanUp, mint, refusal, room, step } from '../testing/client.ts';
import { FakeSfu } from '../testing/fake-sfu.ts';
import { Room } from './room.ts';

let sfu: FakeSfu;

beforeEach(() => {
  sfu = FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

const MINUTE = 60_000;
const stub = () => env.ROOMS.getByName(room());

async function enter(claims: Record<string, unknown>): Promise<Member> {
  const member = await Member.join(claims);
  await member.connect();
  return member;
}

const joinStatus = async (claims: Record<string, unknown>) =>
  call('POST', `/rooms/${room()}/join`, { bearer: await mint(claims) });

/** Lets time go by, with the alarm it brings. */
async function pass(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(stub());
  await step();
}

/** A room without a runtime around it. `come` says when the call ends, or why somebody may not come in. */
function quietRoom() {
  let ids = 0;
  const quiet = new Room(() => `id${ids++}`);
  const grants = { publish: [], subscribe: true, chat: true, moderate: false };
  const come = (sub: string, now: number, minutes?: number) => {
    const limits = { ...(minutes !== undefined && { minutes }) };
    const claims: RoomTokenClaims = { room: 'r', sub, iat: 0, exp: 0, role: 'guest', grants, lobby: false, limits };
    const joined = quiet.join({ claims, name: sub, secretHash: sub, ticketHash: sub }, now);
    if (!joined.ok) return joined.errorCode;
    quiet.openSocket(sub, `socket-${sub[0]}`, now);
    return joined.roster.endsAt;
  };
  return { room: quiet, come };
}

describe('a locked room', () => {
  it('MO6 HS13 lets in nobody new but moderators, by join and by the SFU’s calls; those in it stay', async () => {
    const [host, bob] = [await enter({ sub: 'host', role: 'host' }), await enter({ sub: 'bob' })];
    await host.say({ type: 'lock', locked: true });
    expect((await bob.next('change', ({ type }) => type === 'room')).change).toEqual({ type: 'room', locked: true });
    expect(await refusal(await joinStatus({ sub: 'eve' }))).toBe('423 room_locked');
    const bearer = await mint({ sub: 'eve' });
    expect(await refusal(await call('POST', `/rooms/${room()}/sessions/new`, { bearer }))).toBe('423 room_locked');
    expect((await joinStatus({ sub: 'chair', role: 'host' })).status).toBe(200);
    const again = await enter({ sub: 'bob' });
    expect(again.joined.roster.locked).toBe(true);

    await host.say({ type: 'lock', locked: false });
    expect((await joinStatus({ sub: 'eve' })).status).toBe(200);
  });

  it('MO6 RM2 locking twice is one change', async () => {
    const [host, bob] = [await enter({ sub: 'host', role: 'host' }), await enter({ sub: 'bob' })];
    for (const locked of [true, true, false]) await host.say({ type: 'lock', locked });
    const changes = bob.inbox.flatMap((message) => (message.type === 'change' ? message.change : []));
    expect(changes.filter(({ type }) => type === 'room')).toMatchObject([{ locked: true }, { locked: false }]);
  });

  it('RM15 RM1 is open again when the last is gone, though somebody waits; the room is another only when all are', async () => {
    const host = await enter({ sub: 'host', role: 'host' });
    const bob = await enter({ sub: 'bob', lobby: true });
    await host.say({ type: 'chat', key: 'k', text: 'hi' });
    await host.say({ type: 'lock', locked: true });
    await host.say({ type: 'leave', mayReturn: false });
    const { roster } = (await enter({ sub: 'eve' })).joined;
    expect(roster).toMatchObject({ epoch: host.joined.roster.epoch, locked: false });
    await bob.reconnect();
    const rows = await runInDurableObject(stub(), (_object, { storage }) =>
      storage.sql.exec('SELECT id FROM chat').toArray(),
    );
    expect(rows).toEqual([]);

    await (await enter({ sub: 'host', role: 'host' })).say({ type: 'end' });
    const { epoch } = (await enter({ sub: 'eve' })).joined.roster;
    expect(epoch).not.toBe(roster.epoch);
  });
});

describe('minutes', () => {
  it('RM14 the smallest limit of the tokens used counts, from the first participant on', () => {
    const { room, come } = quietRoom();
    expect(come('ann', 0, 60)).toBe(60 * MINUTE);
    expect(come('bob', MINUTE)).toBe(60 * MINUTE);
    room.takeEffects();
    expect(come('eve', MINUTE, 2)).toBe(2 * MINUTE);
    const [effect] = room.takeEffects();
    const change = { type: 'room', locked: false, endsAt: 2 * MINUTE };
    expect(effect).toMatchObject({ type: 'broadcast', message: { type: 'change', change } });
    expect(come('dan', MINUTE, 30)).toBe(2 * MINUTE);

    const open = (now: number) => new Map([...'abed'].map((initial) => [`socket-${initial}`, now]));
    room.tick(open(2 * MINUTE - 1), 2 * MINUTE - 1);
    expect(room.state.seats.size).toBe(4);
    expect(room.nextDue(open(2 * MINUTE - 1), 2 * MINUTE - 1)).toBe(2 * MINUTE);
    room.takeEffects();
    room.tick(open(2 * MINUTE), 2 * MINUTE);
    const closed = room.takeEffects().flatMap((effect) => (effect.type === 'close' ? [effect.code] : []));
    expect(closed).toEqual([4410, 4410, 4410, 4410]);
    expect(room.state.seats.size).toBe(0);
  });

  it('RM14 a token whose time is over already comes in no more, and ends nobody’s call', () => {
    const { room, come } = quietRoom();
    come('ann', 0);
    expect(come('bob', 10 * MINUTE, 10)).toBe('time_over');
    expect(room.state.call.endsAt).toBeUndefined();
    expect(come('bob', 10 * MINUTE, 11)).toBe(11 * MINUTE);
    expect(come('bob', 10 * MINUTE, 5)).toBe('time_over');
  });

  it('RM14 the alarm ends it, for members and for those who wait', async () => {
    const ann = await enter({ limits: { minutes: 1 } });
    const bob = await enter({ sub: 'bob', lobby: true });
    await pass(MINUTE);
    expect(await Promise.all([ann.closed, bob.closed])).toEqual([4410, 4410]);
    expect(await refusal(await ann.call('POST', '/ticket'))).toBe('401 unauthorized');
  });

  it('RM14 SF13 it ends clients without a socket, and closes their media', async () => {
    const start = Date.now();
    const ann = await Member.live();
    const bearer = await mint({ sub: 'bob', limits: { minutes: 1 } });
    const { sessionId } = (await (await call('POST', `/rooms/${room()}/sessions/new`, { bearer })).json()) as {
      sessionId: string;
    };
    expect((await ann.next('change', ({ type }) => type === 'room')).change).toMatchObject({ endsAt: start + MINUTE });
    await pass(MINUTE);
    expect(await ann.closed).toBe(4410);
    await vi.waitFor(() => expect(sfu.callsTo('tracks/close')[0]?.body).toMatchObject({ force: true }));
    const path = `/rooms/${room()}/sessions/${sessionId}`;
    expect(await refusal(await call('GET', path, { bearer }))).toBe('410 session_error');
  });

  it('RM14 A11 tokens of before do not begin it again, whoever has them; a new one does, and so does one without a limit', async () => {
    const iat = Math.floor(Date.now() / 1000);
    const limits = { minutes: 1 };
    await enter({ iat: iat + 30, limits });
    await pass(MINUTE);
    for (const claims of [{ limits }, { sub: 'bob', limits: { minutes: 600 } }])
      for (const path of ['join', 'sessions/new']) {
        const bearer = await mint({ ...claims, iat: iat + 60 });
        expect(await refusal(await call('POST', `/rooms/${room()}/${path}`, { bearer }))).toBe('403 time_over');
      }
    const begun = Date.now();
    expect((await joinStatus({ sub: 'eve' })).status).toBe(200);
    vi.setSystemTime((iat + 61) * 1000);
    const again = await enter({ iat: iat + 61, limits });
    expect(again.joined.roster.endsAt).toBe(begun + MINUTE);
  });

  it('RM14 MO5 a call that a host has ended may begin again, with all its minutes', async () => {
    const host = await enter({ role: 'host', limits: { minutes: 5 } });
    vi.setSystemTime(Date.now() + 5_000);
    await host.say({ type: 'end' });
    const again = await enter({ role: 'host', limits: { minutes: 5 } });
    expect(again.joined.roster.endsAt).toBe(Date.now() + 5 * MINUTE);
  });
});

describe('somebody who is away', () => {
  it('MO4 hears what was asked when the socket is back, until anything is announced', async () => {
    const [host, bob] = [await enter({ sub: 'host', role: 'host' }), await Member.live({ sub: 'bob' })];
    await bob.drop();
    await host.say({ type: 'mute', id: bob.id, source: 'microphone' });
    await host.say({ type: 'mute', source: 'camera' });
    await host.say({ type: 'mute', source: 'camera' });
    for (let index = 0; index < 2; index += 1) {
      await bob.reconnect();
      expect([await bob.next('mute'), await bob.next('mute')]).toEqual([
        { type: 'mute', source: 'microphone' },
        { type: 'mute', source: 'camera' },
      ]);
      expect(bob.inbox.filter(({ type }) => type === 'mute')).toEqual([]);
    }
    const tracks = [MICROPHONE, { ...CAMERA, muted: true }];
    await bob.say({ type: 'tracks', sessionId: bob.publishSession, tracks });
    await bob.reconnect();
    expect(bob.inbox.filter(({ type }) => type === 'mute')).toEqual([]);
    await host.reconnect();
    expect((await host.next('roster')).participants[1]).toMatchObject({ tracks });
  });
});
