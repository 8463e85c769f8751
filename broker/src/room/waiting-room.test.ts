import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WAITING_MAX, parseJoinResponse, type ClientMessage, type RoomTokenClaims } from '#protocol';
import { Member, call, cleanUp, mint, publishing, refusal, room, step, upgrade } from '../testing/client.ts';
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

const LOBBY = { sub: 'bob', name: 'Bob', lobby: true };

/** Somebody who waits, with an open socket. */
async function knock(claims: Record<string, unknown> = LOBBY): Promise<Member> {
  const member = await Member.join(claims);
  await member.connect();
  return member;
}

/** Joins again with the secret of the place in the waiting room, as the widget does. */
function comeIn(member: Member, claims: Record<string, unknown> = LOBBY): Promise<Member> {
  return Member.join(claims, { resume: member.joined.memberSecret });
}

async function pass(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(env.ROOMS.getByName(room()));
  await step();
}

const host = async () => {
  const member = await Member.join({ sub: 'host', role: 'host' });
  await member.connect();
  return member;
};

describe('who waits', () => {
  it('WR1 is told so, and nothing else: no roster, no ICE servers, no media', async () => {
    const ann = await Member.live();
    const before = sfu.calls.length;
    const bob = await Member.join(LOBBY, { publish: publishing(), receive: {} });
    expect(bob.joined).toMatchObject({ waiting: true, iceServers: [], self: { name: 'Bob', tracks: [] } });
    expect(bob.joined.roster).toEqual({ epoch: 'waiting', rev: 0, locked: false, participants: [] });
    expect(bob.joined).not.toHaveProperty('publish');
    expect(bob.joined).not.toHaveProperty('receive');
    expect(sfu.calls).toHaveLength(before);
    expect(JSON.stringify(bob.joined)).not.toContain(ann.id);
  });

  it('WR1 who may moderate does not wait, nor who has a seat, nor who has no lobby', async () => {
    expect((await Member.join({ ...LOBBY, sub: 'host', role: 'host' })).joined.waiting).toBeUndefined();
    expect((await Member.join({ ...LOBBY, sub: 'eve', lobby: false })).joined.waiting).toBeUndefined();
    expect((await Member.join({ ...LOBBY, sub: 'eve' })).joined.waiting).toBeUndefined();
    expect((await Member.join(LOBBY)).joined.waiting).toBe(true);
  });

  it('WR2 A1 A2 A3 A12 may call nothing, by secret or by token, and the SFU hears nothing', async () => {
    const ann = await Member.live();
    const bob = await knock();
    const before = sfu.calls.length;
    const session = `/sessions/${ann.publishSession}`;
    const track = { location: 'remote', sessionId: ann.publishSession, trackName: 'camera-1' };
    const calls = [
      ['POST', '/sessions/new', undefined],
      ['POST', '/generate-ice-servers', undefined],
      ['POST', `${session}/tracks/new`, { tracks: [track] }],
      ['PUT', `${session}/tracks/update`, { tracks: [{ ...track, mid: '0' }] }],
      ['PUT', `${session}/tracks/close`, { tracks: [{ mid: '0' }], force: true }],
      ['PUT', `${session}/renegotiate`, { sessionDescription: { type: 'answer', sdp: 'v=0' } }],
      ['GET', session, undefined],
    ] as const;
    const bearer = await mint(LOBBY);
    for (const [method, path, body] of calls) {
      expect(await refusal(await bob.call(method, path, body))).toBe('403 waiting');
      const byToken = await call(method, `/rooms/${room()}${path}`, { bearer, body });
      expect(await refusal(byToken)).toBe('403 waiting');
    }
    expect(sfu.calls).toHaveLength(before);
  });

  it('WR2 SF13 a client without a socket is refused, and takes no place', async () => {
    const moderator = await host();
    const bearer = await mint(LOBBY);
    expect(await refusal(await call('POST', `/rooms/${room()}/sessions/new`, { bearer }))).toBe('403 waiting');
    await moderator.reconnect();
    expect(await moderator.next('knocks')).toEqual({ type: 'knocks', waiting: [] });
  });

  it('WR2 A16 A17 hears nothing of what is said, and says nothing that anybody hears', async () => {
    const [moderator, ann] = [await host(), await Member.live()];
    const bob = await knock();
    await moderator.say({ type: 'chat', key: 'k1', text: 'secret' });
    await moderator.say({ type: 'react', emoji: '👍' });
    await moderator.say({ type: 'hand', raised: true });
    await ann.call('POST', '/leave');
    expect(bob.inbox).toEqual([]);

    moderator.inbox.length = 0;
    const wishes: ClientMessage[] = [
      { type: 'tracks', sessionId: ann.publishSession, tracks: [] },
      { type: 'layers', layers: [{ id: moderator.id, rid: 'a' }] },
      { type: 'chat', key: 'k2', text: 'let me in' },
      { type: 'react', emoji: '👍' },
      { type: 'hand', raised: true },
      { type: 'admit' },
      { type: 'mute', source: 'microphone' },
      { type: 'end' },
    ];
    for (const wish of wishes) {
      await bob.say(wish);
      expect(await bob.next('error')).toMatchObject({ errorCode: 'waiting' });
    }
    expect(moderator.inbox).toEqual([]);
  });
});

describe('knocks', () => {
  it('WR3 reach moderators, complete each time, after a hello, and nobody else', async () => {
    const [moderator, ann] = [await host(), await Member.live()];
    const bob = await knock();
    const cleo = await Member.join({ ...LOBBY, sub: 'cleo', name: 'Cleo' });
    const both = [
      { id: bob.id, name: 'Bob' },
      { id: cleo.id, name: 'Cleo' },
    ];
    const lists = moderator.inbox.filter(({ type }) => type === 'knocks');
    expect(lists.map((knocks) => ('waiting' in knocks ? knocks.waiting.length : -1))).toEqual([0, 1, 2]);
    await moderator.reconnect();
    expect(await moderator.next('knocks')).toEqual({ type: 'knocks', waiting: both });
    await cleo.call('POST', '/leave');
    expect(await moderator.next('knocks')).toEqual({ type: 'knocks', waiting: both.slice(0, 1) });
    expect(ann.inbox.filter(({ type }) => type === 'knocks')).toEqual([]);
    expect((await ann.call('POST', '/ticket')).status).toBe(200);
  });

  it('WR6 RM5 end 25 s after the tab was closed, 2 s after a goodbye, and not before', async () => {
    const moderator = await host();
    const [bob, cleo] = [await knock(), await knock({ ...LOBBY, sub: 'cleo' })];
    await cleo.say({ type: 'leave', mayReturn: true });
    expect(await cleo.closed).toBe(1000);
    await bob.drop();
    const waiting = async () => {
      await moderator.reconnect();
      return (await moderator.next('knocks')).waiting.map(({ id }) => id);
    };
    await pass(1_000);
    expect(await waiting()).toEqual([bob.id, cleo.id]);
    await pass(1_000);
    expect(await waiting()).toEqual([bob.id]);
    await moderator.ping();
    await pass(22_999);
    expect(await waiting()).toEqual([bob.id]);
    await pass(1);
    expect(await waiting()).toEqual([]);
    expect(await refusal(await bob.call('POST', '/ticket'))).toBe('401 unauthorized');
  });

  it('WR6 HS5 the same sub takes its place again; the other tab is closed', async () => {
    const moderator = await host();
    const [first, second] = [await knock(), await knock()];
    expect(await first.closed).toBe(4409);
    expect(second.id).toBe(first.id);
    expect(await refusal(await first.call('POST', '/ticket'))).toBe('401 unauthorized');
    await moderator.reconnect();
    expect((await moderator.next('knocks')).waiting).toHaveLength(1);
  });

  it('WR6 A21 so many wait and no more; who waits already is not refused', () => {
    let ids = 0;
    const quiet = new Room(() => `id${ids++}`);
    const grants = { publish: [], subscribe: true, chat: true, moderate: false };
    const come = (sub: string) => {
      const claims: RoomTokenClaims = {
        room: 'r',
        sub,
        iat: 0,
        exp: 0,
        role: 'guest',
        grants,
        lobby: true,
        limits: {},
      };
      const joined = quiet.join({ claims, name: sub, secretHash: sub, ticketHash: sub }, 0);
      return joined.ok ? joined.waiting : joined.errorCode;
    };
    for (let index = 0; index < WAITING_MAX; index += 1) expect(come(`bob-${index}`)).toBe(true);
    expect([come('eve'), come('bob-0')]).toEqual(['room_full', true]);
    expect(quiet.state.waiting.size).toBe(WAITING_MAX);
  });
});

describe('admitting', () => {
  it('WR4 one hears of it, and the next join takes a seat under the same id', async () => {
    const moderator = await host();
    const [bob, cleo] = [await knock(), await knock({ ...LOBBY, sub: 'cleo' })];
    await moderator.say({ type: 'admit', id: bob.id });
    expect(await bob.next('admitted')).toEqual({ type: 'admitted' });
    expect(cleo.inbox).toEqual([]);
    await moderator.reconnect();
    expect((await moderator.next('knocks')).waiting.map(({ id }) => id)).toEqual([cleo.id]);

    const inside = await comeIn(bob);
    expect(inside.joined.waiting).toBeUndefined();
    expect(inside.id).toBe(bob.id);
    expect(inside.joined.roster.participants.map(({ id }) => id)).toEqual([moderator.id, bob.id]);
    expect(await bob.closed).toBe(1000);
    expect((await upgrade(room(), bob.joined.ticket)).status).toBe(401);
    expect((await inside.call('POST', '/sessions/new')).status).toBe(201);
    expect(await refusal(await cleo.call('POST', '/sessions/new'))).toBe('403 waiting');
    await inside.call('POST', '/leave');
    expect((await comeIn(bob)).joined.waiting).toBe(true);
  });

  it('WR4 all at once, and who is away hears of it when the socket is back', async () => {
    const moderator = await host();
    const [bob, cleo] = [await knock(), await knock({ ...LOBBY, sub: 'cleo' })];
    await bob.drop();
    await moderator.say({ type: 'admit' });
    expect(await cleo.next('admitted')).toEqual({ type: 'admitted' });
    await bob.reconnect();
    expect(await bob.next('admitted')).toEqual({ type: 'admitted' });
    expect((await comeIn(bob)).joined.waiting).toBeUndefined();
  });

  it('WR4 a client without a socket that was admitted takes the seat by its calls', async () => {
    const moderator = await host();
    const bob = await knock();
    await moderator.say({ type: 'admit' });
    const bearer = await mint(LOBBY);
    expect((await call('POST', `/rooms/${room()}/sessions/new`, { bearer })).status).toBe(201);
    expect(await bob.closed).toBe(1000);
    const { change } = await moderator.next('change', ({ type }) => type === 'put');
    expect(change).toMatchObject({ participant: { id: bob.id } });
  });

  it('WR4 an admission does not outlive the place it was given to', async () => {
    const moderator = await host();
    const bob = await knock();
    await moderator.say({ type: 'admit' });
    await bob.drop();
    await moderator.ping();
    await pass(25_000);
    expect((await Member.join(LOBBY)).joined.waiting).toBe(true);
  });

  it('WR4 HS7 HS13 HS6 a full room stays full, a lock gives way to the moderator', async () => {
    const moderator = await host();
    const bob = await knock({ ...LOBBY, limits: { participants: 1 } });
    await moderator.say({ type: 'admit', id: bob.id });
    await moderator.say({ type: 'lock', locked: true });
    const path = `/rooms/${room()}/join`;
    const full = await mint({ ...LOBBY, limits: { participants: 1 } });
    expect(await refusal(await call('POST', path, { bearer: full }))).toBe('423 room_full');
    expect(await refusal(await call('POST', path, { bearer: await mint({ ...LOBBY, sub: 'eve' }) }))).toBe(
      '423 room_locked',
    );
    const response = await call('POST', path, { bearer: await mint(LOBBY) });
    expect(parseJoinResponse(await response.json())).toMatchObject({ self: { id: bob.id } });
  });
});

describe('refusing', () => {
  it('WR5 CL3 MO3 closes the socket, and tokens of before knock no more', async () => {
    const moderator = await host();
    const bob = await knock();
    const before = await mint(LOBBY);
    await moderator.say({ type: 'refuse', id: bob.id });
    expect(await bob.closed).toBe(4403);
    expect(await refusal(await bob.call('POST', '/ticket'))).toBe('401 unauthorized');
    expect(await refusal(await call('POST', `/rooms/${room()}/join`, { bearer: before }))).toBe('403 forbidden');
    vi.setSystemTime(Date.now() + 1_000);
    expect((await Member.join(LOBBY)).joined.waiting).toBe(true);
  });

  it('WR4 WR5 MO1 members are not refused so, nor those who wait removed or changed as if they were in', async () => {
    const [moderator, ann] = [await host(), await Member.live()];
    const bob = await knock();
    const grants = { publish: [], subscribe: true, chat: true, moderate: true };
    const wishes: ClientMessage[] = [
      { type: 'refuse', id: ann.id },
      { type: 'admit', id: ann.id },
      { type: 'remove', id: bob.id },
      { type: 'mute', id: bob.id, source: 'camera' },
      { type: 'grant', id: bob.id, grants },
      { type: 'chat', key: 'k', text: 'psst', to: bob.id },
    ];
    for (const wish of wishes) {
      await moderator.say(wish);
      expect(await moderator.next('error')).toMatchObject({ errorCode: 'not_found' });
    }
    expect(bob.inbox).toEqual([]);
  });

  it('MO5 the end is the end for those who wait as well, and nothing is kept', async () => {
    const moderator = await host();
    const bob = await knock();
    await moderator.say({ type: 'end' });
    expect(await bob.closed).toBe(4410);
    const tables = () =>
      runInDurableObject(env.ROOMS.getByName(room()), (_object, { storage }) =>
        storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'waiting'").toArray(),
      );
    await vi.waitFor(async () => expect(await tables()).toEqual([]));
  });
});
