import { beforeEach, describe, expect, it } from 'vitest';
import { GRACE_MS, PAGE_HIDE_GRACE_MS, TICKET_LIFETIME_MS, type RoomTokenClaims, type ServerMessage } from '#protocol';
import { receiveFrame } from './receive-frame.ts';
import type { Effect } from './room-state.ts';
import { Room, type Joined } from './room.ts';
import type { Session } from './sessions.ts';

const T0 = 1_800_000_000_000;
const CLAIMS: RoomTokenClaims = {
  room: 'r1',
  sub: 'ann',
  iat: 0,
  exp: 0,
  role: 'guest',
  grants: { publish: ['audio', 'video'], subscribe: true, chat: true, moderate: false },
  lobby: false,
  limits: {},
};

let room: Room;
let effects: Effect[];

beforeEach(() => {
  let ids = 0;
  room = new Room(() => `id${ids++}`);
  effects = [];
});

function join(sub: string, now = T0, more: Partial<Parameters<Room['join']>[0]> = {}): Joined {
  const input = { claims: { ...CLAIMS, sub }, name: sub, secretHash: `secret-${sub}`, ticketHash: `ticket-${sub}` };
  const joined = room.join({ ...input, ...more }, now);
  if (!joined.ok) throw new Error(joined.errorCode);
  return joined;
}

/** Somebody with an open socket, called `socket-<sub>`. */
function enter(sub: string, now = T0): Joined {
  const joined = join(sub, now);
  room.openSocket(`ticket-${sub}`, `socket-${sub}`, now);
  return joined;
}

const session = (handle: string, published = ['0'], pulled: string[] = []): Session => ({
  handle: handle.padEnd(32, '0'),
  sfuId: `sfu-${handle}`,
  published: published.map((mid) => ({ mid, trackName: `mic-${mid}`, kind: 'audio', state: 'open' })),
  pulled,
});

function say(sub: string, message: unknown, now = T0): void {
  receiveFrame(room, `socket-${sub}`, typeof message === 'string' ? message : JSON.stringify(message), now);
}

const member = (sub: string) => ({ type: 'member', secretHash: `secret-${sub}` }) as const;

/** What has happened since the last look. */
function happened(): Effect[] {
  effects = room.takeEffects();
  return effects;
}

const broadcasts = () =>
  happened().flatMap((effect) =>
    effect.type === 'broadcast' && effect.message.type === 'change' ? effect.message : [],
  );
const closes = () =>
  happened().flatMap((effect) => (effect.type === 'close' ? [[effect.connectionId, effect.code]] : []));
const sent = (): ServerMessage[] => happened().flatMap((effect) => (effect.type === 'send' ? effect.message : []));
const everybody = (at: number) => new Map([...room.state.seats.values()].map(({ sub }) => [`socket-${sub}`, at]));
const names = () => [...room.state.seats.values()].map((seat) => seat.name);
const presence = (joined: Joined) => room.state.seats.get(joined.self.id)?.socket.phase;

describe('roster', () => {
  it('RM2 RM3 every change has the next revision and one participant, whole', () => {
    const ann = enter('ann');
    const bob = enter('bob');
    room.leave(member('ann'), false, T0);
    expect(broadcasts()).toEqual([
      { type: 'change', epoch: 'id0', rev: 1, change: { type: 'put', participant: ann.self } },
      { type: 'change', epoch: 'id0', rev: 2, change: { type: 'put', participant: bob.self } },
      { type: 'change', epoch: 'id0', rev: 3, change: { type: 'gone', id: ann.self.id, reason: 'left' } },
    ]);
  });

  it('RM4 the join itself shows everybody in order of arrival, oneself included', () => {
    enter('ann');
    const bob = join('bob', T0 + 1);
    expect(bob.roster).toMatchObject({ rev: 2, participants: [{ name: 'ann' }, { name: 'bob', tracks: [] }] });
  });

  it('HS11 hello is answered with no more than is needed', () => {
    enter('ann');
    happened();
    say('ann', { type: 'hello', protocol: 1, epoch: 'id0', rev: 1 });
    expect(sent()).toEqual([{ type: 'current', epoch: 'id0', rev: 1 }]);
    for (const known of [
      { epoch: 'id0', rev: 0 },
      { epoch: 'other', rev: 1 },
      { epoch: '', rev: 0 },
    ]) {
      say('ann', { type: 'hello', protocol: 1, ...known });
      expect(sent()).toMatchObject([{ type: 'roster', epoch: 'id0', rev: 1, participants: [{ name: 'ann' }] }]);
    }
  });

  it('CL7 a client of an older protocol is sent away', () => {
    enter('ann');
    happened();
    say('ann', { type: 'hello', protocol: 0, epoch: '', rev: 0 });
    expect(closes()).toEqual([['socket-ann', 4426]]);
  });
});

describe('seats', () => {
  it('HS5 the same sub takes its seat again, and what the last holder had is void', () => {
    const first = enter('ann');
    room.commit(first.ref, [session('a', ['0', '1'], ['9'])], T0);
    say('ann', { type: 'tracks', sessionId: session('a').handle, tracks: [mic('mic-0')] });
    happened();

    const again = join('ann', T0 + 5, { secretHash: 'new-secret', ticketHash: 'new-ticket', name: 'Ann B.' });
    expect(again.self).toMatchObject({ id: first.self.id, joinedAt: first.self.joinedAt, name: 'Ann B.', tracks: [] });
    expect(closes()).toEqual([['socket-ann', 4409]]);
    expect(room.enter(member('ann'), T0)).toMatchObject({ errorCode: 'unauthorized' });
    expect(room.openSocket('ticket-ann', 'x', T0)).toBe(false);
    expect(room.closings.takeDue(T0 + 5)).toMatchObject([{ sfuId: 'sfu-a', mids: ['0', '1', '9'] }]);
  });

  it('HS6 resume with the seat of another sub gives that seat up', () => {
    const old = enter('ann');
    const fresh = join('ann-2', T0, { resumeHash: 'secret-ann' });
    expect(fresh.self.id).not.toBe(old.self.id);
    expect(names()).toEqual(['ann-2']);
    expect(broadcasts().at(-2)).toMatchObject({ change: { type: 'gone', id: old.self.id, reason: 'replaced' } });
  });

  it('HS6 resume with the seat of the same sub, or of nobody, changes nothing', () => {
    const first = enter('ann');
    expect(join('ann', T0, { resumeHash: 'secret-ann' }).self.id).toBe(first.self.id);
    join('bob', T0, { resumeHash: 'never-given' });
    expect(names()).toEqual(['ann', 'bob']);
  });

  it('HS7 a full room takes nobody else, and everybody again', () => {
    const claims = (sub: string) => ({ claims: { ...CLAIMS, sub, limits: { participants: 2 } } });
    join('ann', T0, claims('ann'));
    join('bob', T0, claims('bob'));
    const input = { name: '', secretHash: 's', ticketHash: 't' };
    expect(room.join({ ...input, ...claims('eve') }, T0)).toMatchObject({ errorCode: 'room_full' });
    expect(room.join({ ...input, ...claims('ann') }, T0)).toMatchObject({ ok: true });
    expect(room.join({ ...input, ...claims('ann-2'), resumeHash: 'secret-bob' }, T0)).toMatchObject({ ok: true });
  });

  it('HS7 holds 50 without a limit in the token', () => {
    for (let index = 0; index < 50; index += 1) join(`p${index}`);
    const input = { claims: { ...CLAIMS, sub: 'eve' }, name: '', secretHash: 's', ticketHash: 't' };
    expect(room.join(input, T0)).toMatchObject({ errorCode: 'room_full' });
  });

  it('SF12 a ninth session ends the oldest, never the one that is live', () => {
    const ann = enter('ann');
    room.commit(ann.ref, [session('a0')], T0);
    say('ann', { type: 'tracks', sessionId: session('a0').handle, tracks: [mic('mic-0')] });
    for (let index = 1; index <= 8; index += 1) room.commit(ann.ref, [session(`a${index}`)], T0);
    expect(room.closings.takeDue(T0)).toMatchObject([{ sfuId: 'sfu-a1', mids: ['0'] }]);
    expect(room.access(member('ann'), session('a0').handle, [], T0)).toMatchObject({ ok: true });
    expect(room.access(member('ann'), session('a1').handle, [], T0)).toMatchObject({ errorCode: 'session_error' });
  });
});

describe('tickets', () => {
  it('HS9 A22 one opens one socket, within 30 s', () => {
    join('ann');
    expect(room.openSocket('ticket-ann', 'one', T0 + TICKET_LIFETIME_MS - 1)).toBe(true);
    expect(room.openSocket('ticket-ann', 'two', T0)).toBe(false);
    join('bob');
    expect(room.openSocket('ticket-bob', 'three', T0 + TICKET_LIFETIME_MS)).toBe(false);
    expect(room.openSocket('ticket-bob', 'three', T0)).toBe(false);
  });

  it('HS10 a second socket of a seat closes the first', () => {
    enter('ann');
    room.addTicket(member('ann'), 'more', T0);
    happened();
    room.openSocket('more', 'second', T0);
    expect(happened()).toEqual([{ type: 'close', connectionId: 'socket-ann', code: 4409, reason: 'replaced' }]);
    room.socketLost('socket-ann', T0);
    expect(room.seatOfSocket('second')).toBeDefined();
  });

  it('HS9 the ticket of a join counts from its end, however long the SFU took', () => {
    const ann = join('ann');
    room.commit(ann.ref, [], T0 + 20_000, 'ticket-ann');
    expect(room.openSocket('ticket-ann', 'one', T0 + 45_000)).toBe(true);
  });
});

describe('presence', () => {
  it('RM5 a lost socket leaves the seat for 25 s, away, with its media untouched', () => {
    const ann = enter('ann');
    enter('bob');
    room.commit(ann.ref, [session('a')], T0);
    happened();
    room.socketLost('socket-ann', T0);
    expect(broadcasts()).toMatchObject([{ change: { type: 'put', participant: { name: 'ann', presence: 'away' } } }]);

    room.tick(everybody(T0 + GRACE_MS - 1), T0 + GRACE_MS - 1);
    expect(happened()).toContainEqual(expect.objectContaining({ connectionId: 'socket-ann', code: 4401 }));
    expect(room.closings.takeDue(T0 + GRACE_MS - 1)).toEqual([]);
    room.tick(new Map([['socket-bob', T0 + GRACE_MS]]), T0 + GRACE_MS);
    expect(broadcasts()).toMatchObject([{ change: { type: 'gone', id: ann.self.id, reason: 'lost' } }]);
    expect(room.closings.takeDue(T0 + GRACE_MS)).toMatchObject([{ sfuId: 'sfu-a' }]);
  });

  it('RM5 who is back in time is here again, with all that was announced', () => {
    const ann = enter('ann');
    room.commit(ann.ref, [session('a')], T0);
    say('ann', { type: 'tracks', sessionId: session('a').handle, tracks: [mic('mic-0')] });
    room.socketLost('socket-ann', T0);
    room.addTicket(member('ann'), 'back', T0 + 20_000);
    happened();
    room.openSocket('back', 'socket-ann-2', T0 + 20_000);
    const participant = { id: ann.self.id, presence: 'here', tracks: [mic('mic-0')] };
    expect(broadcasts()).toMatchObject([{ change: { type: 'put', participant } }]);
    room.tick(new Map([['socket-ann-2', T0 + GRACE_MS + 1]]), T0 + GRACE_MS + 1);
    expect(names()).toEqual(['ann']);
  });

  it('RM6 who never opens a socket is gone after 25 s', () => {
    join('ann');
    room.tick(new Map(), T0 + GRACE_MS - 1);
    expect(names()).toEqual(['ann']);
    room.tick(new Map(), T0 + GRACE_MS);
    expect(names()).toEqual([]);
    expect(room.isOver).toBe(true);
  });

  it('RM7 leaving is at once; with mayReturn it takes 2 s', () => {
    enter('ann');
    enter('bob');
    happened();
    say('ann', { type: 'leave', mayReturn: false });
    expect(closes()).toEqual([['socket-ann', 1000]]);
    room.leave(member('bob'), true, T0);
    expect(broadcasts()).toMatchObject([{ change: { type: 'put', participant: { presence: 'away' } } }]);
    expect(room.nextDue(new Map(), T0)).toBe(T0 + PAGE_HIDE_GRACE_MS);
    room.tick(new Map(), T0 + PAGE_HIDE_GRACE_MS);
    expect(broadcasts()).toMatchObject([{ change: { type: 'gone', reason: 'left' } }]);
  });

  it('RM8 a socket that is silent for 25 s is lost, the seat 10 s later', () => {
    const ann = enter('ann');
    happened();
    room.tick(everybody(T0), T0 + 24_999);
    expect(happened()).toEqual([]);
    room.tick(everybody(T0), T0 + 25_000);
    expect(closes()).toEqual([['socket-ann', 1011]]);
    expect(presence(ann)).toBe('lost');
    room.tick(new Map(), T0 + 34_999);
    expect(names()).toEqual(['ann']);
    room.tick(new Map(), T0 + 35_000);
    expect(names()).toEqual([]);
  });

  it('RM8 a socket that pings stays for ever', () => {
    enter('ann');
    for (let now = T0; now < T0 + 3_600_000; now += 20_000) room.tick(everybody(now), now);
    expect(names()).toEqual(['ann']);
  });

  it('RM13 a socket that ended in the object’s sleep is lost, one without a seat is closed', () => {
    const ann = enter('ann');
    happened();
    room.tick(new Map([['stranger', T0]]), T0 + 1);
    expect(presence(ann)).toBe('lost');
    expect(closes()).toEqual([['stranger', 4401]]);
  });
});

describe('announcements', () => {
  const announce = (tracks: unknown, handle = session('a').handle) =>
    say('ann', { type: 'tracks', sessionId: handle, tracks });

  beforeEach(() => {
    const ann = enter('ann');
    room.commit(ann.ref, [session('a', ['0', '1'])], T0);
    happened();
  });

  it('RM9 what is announced replaces what was', () => {
    announce([mic('mic-0')]);
    announce([mic('mic-1')]);
    announce([]);
    expect(broadcasts().map(({ change }) => change.type === 'put' && change.participant.tracks)).toEqual([
      [mic('mic-0')],
      [mic('mic-1')],
      [],
    ]);
  });

  it('RM9 the same again is no change', () => {
    announce([mic('mic-0')]);
    happened();
    announce([mic('mic-0')]);
    expect(happened()).toEqual([]);
  });

  it('RM9 A16 only what was published, in that session, as that kind, by the same participant', () => {
    const bob = enter('bob');
    room.commit(bob.ref, [session('b')], T0);
    const refused: [code: string, tracks: unknown, handle?: string][] = [
      ['not_found', [mic('mic-7')]],
      ['not_found', [{ ...mic('mic-0'), source: 'camera' }]],
      ['not_found', [mic('mic-0')], session('b').handle],
      ['not_found', [mic('mic-0')], 'f'.repeat(32)],
      ['forbidden', [{ ...mic('mic-0'), source: 'screen-audio' }]],
      ['decoding_error', [mic('mic-0'), mic('mic-1')]],
    ];
    happened();
    for (const [errorCode, tracks, handle] of refused) {
      announce(tracks, handle);
      expect(happened()).toMatchObject([{ type: 'send', connectionId: 'socket-ann', message: { errorCode } }]);
    }
    expect(room.state.seats.get(bob.self.id)?.tracks).toEqual([]);
  });

  it('RM9 a track that was closed at the SFU is live no more', () => {
    announce([mic('mic-0')]);
    happened();
    const { ref } = room.enter(member('ann'), T0) as Joined;
    room.tracksClosed(ref, session('a').handle, ['0']);
    expect(broadcasts()).toMatchObject([{ change: { participant: { tracks: [] } } }]);
    announce([mic('mic-0')]);
    expect(sent()).toMatchObject([{ errorCode: 'not_found' }]);
  });
});

describe('announcements that say more than there is', () => {
  it('RM9 A16 nothing is announced under a session of somebody else, not even nothing', () => {
    const ann = enter('ann');
    enter('bob');
    room.commit(ann.ref, [session('a')], T0);
    happened();
    say('bob', { type: 'tracks', sessionId: session('a').handle, tracks: [] });
    expect(sent()).toMatchObject([{ errorCode: 'not_found' }]);
  });

  it('RM9 one track is not two sources', () => {
    const claims = { ...CLAIMS, sub: 'ann', grants: { ...CLAIMS.grants, publish: ['audio', 'screen'] as const } };
    const ann = enter('ann');
    join('ann', T0, { claims });
    room.openSocket('ticket-ann', 'socket-ann', T0);
    room.commit({ ...ann.ref, generation: 2 }, [session('a')], T0);
    happened();
    say('ann', {
      type: 'tracks',
      sessionId: session('a').handle,
      tracks: [mic('mic-0'), { ...mic('mic-0'), source: 'screen-audio' }],
    });
    expect(sent()).toMatchObject([{ errorCode: 'decoding_error' }]);
  });
});

describe('frames', () => {
  it('RM11 CL1 A19 three that are not understood close the socket, two do not', () => {
    enter('ann');
    happened();
    say('ann', '{"type":"kick"}');
    say('ann', '[');
    expect(sent()).toMatchObject([{ type: 'error', errorCode: 'decoding_error' }, { type: 'error' }]);
    say('ann', { type: 'leave', mayReturn: 'maybe' });
    expect(closes()).toEqual([['socket-ann', 4400]]);
  });

  it('RM11 binary frames are not understood', () => {
    enter('ann');
    receiveFrame(room, 'socket-ann', new ArrayBuffer(4), T0);
    expect(sent()).toMatchObject([{ type: 'error', errorCode: 'decoding_error' }]);
  });

  it('CL6 A10 a frame over 32 KB closes the socket, counted in bytes', () => {
    enter('ann');
    happened();
    say('ann', '🎈'.repeat(8 * 1024));
    expect(sent()).toMatchObject([{ errorCode: 'decoding_error' }]);
    say('ann', `${'🎈'.repeat(8 * 1024)}x`);
    expect(closes()).toEqual([['socket-ann', 4413]]);
    receiveFrame(room, 'socket-ann', new ArrayBuffer(32 * 1024 + 1), T0);
    expect(closes()).toEqual([['socket-ann', 4413]]);
  });

  it('CL2 a socket without a seat is closed', () => {
    receiveFrame(room, 'nobody', '{}', T0);
    expect(closes()).toEqual([['nobody', 4401]]);
  });
});

describe('work for a seat', () => {
  it('SF11 A23 what comes too late is closed, and not kept', () => {
    const first = enter('ann');
    join('ann', T0, { secretHash: 'new' });
    expect(room.commit(first.ref, [session('late', ['0'], ['5'])], T0)).toBe(false);
    expect(room.access({ type: 'member', secretHash: 'new' }, session('late').handle, [], T0)).toMatchObject({
      errorCode: 'session_error',
    });
    expect(room.closings.takeDue(T0)).toMatchObject([{ sfuId: 'sfu-late', mids: ['0', '5'] }]);
  });

  it('SF11 closing is tried again, later each time, and given up in the end', () => {
    const ann = enter('ann');
    room.commit(ann.ref, [session('a')], T0);
    room.leave(member('ann'), false, T0);
    const delays: number[] = [];
    let now = T0;
    while (room.closings.takeDue(now).length > 0) {
      expect(room.isOver).toBe(false);
      const next = room.nextDue(new Map(), now);
      delays.push(next - now);
      now = next;
    }
    expect(delays).toEqual([5_000, 10_000, 20_000, 40_000, 80_000]);
    expect(room.isOver).toBe(true);
  });

  it('SF11 what is closed is forgotten, what is not is closed next', () => {
    const ann = enter('ann');
    const mids = Array.from({ length: 70 }, (_, index) => `${index}`);
    room.commit(ann.ref, [session('a', [], mids)], T0);
    room.leave(member('ann'), false, T0);
    const [first] = room.closings.takeDue(T0);
    expect(first?.mids).toEqual(mids.slice(0, 64));
    room.closings.done('sfu-a', first?.mids ?? [], T0);
    expect(room.closings.takeDue(T0)).toMatchObject([{ mids: mids.slice(64) }]);
    room.closings.done('sfu-a', mids.slice(64), T0);
    expect(room.isOver).toBe(true);
  });

  it('SF4 A2 locates a track by handle and name, and nothing else', () => {
    const ann = enter('ann');
    enter('bob');
    room.commit(ann.ref, [session('a')], T0);
    room.commit((room.enter(member('bob'), T0) as Joined).ref, [session('b', [])], T0);
    const found = room.access(
      member('bob'),
      session('b').handle,
      [
        { sessionId: session('a').handle, trackName: 'mic-0' },
        { sessionId: session('a').handle, trackName: 'mic-1' },
        { sessionId: 'sfu-a', trackName: 'mic-0' },
        { sessionId: session('b').handle, trackName: 'mic-0' },
      ],
      T0,
    );
    expect(found).toMatchObject({ remotes: ['sfu-a', undefined, undefined, undefined] });
  });

  it('SF7 A3 who may not subscribe is told of nothing to pull', () => {
    const ann = enter('ann');
    room.commit(ann.ref, [session('a')], T0);
    say('ann', { type: 'tracks', sessionId: session('a').handle, tracks: [mic('mic-0')] });
    const grants = { ...CLAIMS.grants, subscribe: false };
    expect(join('deaf', T0, { claims: { ...CLAIMS, sub: 'deaf', grants } }).live).toEqual([]);
    expect(join('bob').live).toMatchObject([{ sfuId: 'sfu-a' }]);
  });

  it('SF3 A1 a session is found by its owner only', () => {
    const ann = enter('ann');
    enter('bob');
    room.commit(ann.ref, [session('a')], T0);
    expect(room.access(member('ann'), session('a').handle, [], T0)).toMatchObject({ ok: true });
    expect(room.access(member('bob'), session('a').handle, [], T0)).toEqual(
      room.access(member('bob'), 'nothing', [], T0),
    );
  });
});

function mic(trackName: string) {
  return { trackName, source: 'microphone', muted: false, rids: [] };
}

it('MO8 SF13 a right that was taken stays taken, though the token that had it is used again meanwhile', () => {
  join('host', T0, { claims: { ...CLAIMS, sub: 'host', grants: { ...CLAIMS.grants, moderate: true } } });
  room.openSocket('ticket-host', 'socket-host', T0);
  const token = { type: 'token', claims: { ...CLAIMS, sub: 'bob' } } as const;
  const entered = room.enter(token, T0);
  if (!entered.ok) throw new Error(entered.errorCode);
  say('host', { type: 'grant', id: entered.ref.seatId, grants: { ...CLAIMS.grants, publish: [] } });
  expect(room.enter(token, T0)).toMatchObject({ ok: true, grants: { publish: [] } });
  room.commit(entered.ref, [session('b')], T0);
  expect(room.closings.takeDue(T0)).toMatchObject([{ sfuId: 'sfu-b', mids: ['0'] }]);
});
