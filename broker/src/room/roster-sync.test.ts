import { beforeEach, describe, expect, it } from 'vitest';
import { CloseCode, UNREAD_MAX_MESSAGES, UNREAD_MAX_MS, type RoomTokenClaims, type ServerMessage } from '#protocol';
import { receiveFrame } from './receive-frame.ts';
import { Room } from './room.ts';

const T0 = 1_800_000_000_000;
const CLAIMS: RoomTokenClaims = {
  room: 'r1',
  sub: 'ann',
  iat: 0,
  exp: 0,
  role: 'guest',
  grants: { publish: [], subscribe: true, chat: true, moderate: false },
  limits: {},
  lobby: false,
};

let room: Room;
beforeEach(() => {
  let ids = 0;
  room = new Room(() => `id${ids++}`);
  for (const sub of ['ann', 'bob', 'cat', 'dan']) enter(sub);
  room.takeEffects();
});

/** Somebody with an open socket, called `socket-<sub>`. */
function enter(sub: string): void {
  room.join({ claims: { ...CLAIMS, sub }, name: sub, secretHash: `s-${sub}`, ticketHash: `t-${sub}` }, T0);
  room.openSocket(`t-${sub}`, `socket-${sub}`, T0);
}

/** A change of the roster: somebody loses the socket, or is back. */
function flicker(sub: string, count = 1): void {
  for (let index = 0; index < count; index += 1) {
    room.socketLost(`socket-${sub}`, T0);
    room.addTicket({ type: 'member', secretHash: `s-${sub}` }, `t-${sub}`, T0);
    room.openSocket(`t-${sub}`, `socket-${sub}`, T0);
  }
}

/** What `hello` is answered with. */
function hello(known: { epoch?: string; rev: number }): ServerMessage[] {
  room.takeEffects();
  receiveFrame(room, 'socket-ann', JSON.stringify({ type: 'hello', protocol: 1, epoch: 'id0', ...known }), T0);
  return room.takeEffects().flatMap((effect) => (effect.type === 'send' ? effect.message : []));
}

describe('hello', () => {
  it('HS11 is answered with the changes that were missed, in order, and with where that leads', () => {
    flicker('bob');
    expect(hello({ rev: 4 })).toMatchObject([
      { type: 'change', epoch: 'id0', rev: 5, change: { type: 'put', participant: { presence: 'away' } } },
      { type: 'change', epoch: 'id0', rev: 6, change: { type: 'put', participant: { presence: 'here' } } },
      { type: 'current', epoch: 'id0', rev: 6 },
    ]);
  });

  it('HS11 is answered with the roster where that is less', () => {
    flicker('bob', 2);
    expect(hello({ rev: 4 })).toMatchObject([{ type: 'roster', rev: 8 }]);
    expect(hello({ rev: 5 })).toHaveLength(4);
  });

  it('HS11 is answered with the roster where the epoch is another, or the revision has not come yet', () => {
    flicker('bob');
    for (const known of [{ epoch: 'id9', rev: 5 }, { epoch: '', rev: 0 }, { rev: 7 }])
      expect(hello(known)).toMatchObject([{ type: 'roster', epoch: 'id0', rev: 6 }]);
  });

  it('HS11 RM13 is answered with the roster after a restart, which forgets what has changed', () => {
    flicker('bob');
    room = new Room(() => 'never', structuredClone(room.state));
    expect(hello({ rev: 5 })).toMatchObject([{ type: 'roster', rev: 6 }]);
    expect(hello({ rev: 6 })).toMatchObject([{ type: 'current', rev: 6 }]);
    flicker('bob');
    expect(hello({ rev: 6 })).toMatchObject([{ type: 'change', rev: 7 }, { type: 'change', rev: 8 }, { rev: 8 }]);
  });
});

describe('who does not read', () => {
  /** As the object does it: `next` is asked for each change. */
  function send(count: number): string[] {
    return Array.from({ length: count }, () => {
      const verdict = room.readers.next('socket-ann', T0);
      if (verdict !== 'hold') room.readers.sent('socket-ann', 100);
      return verdict;
    });
  }
  const closes = () =>
    room.takeEffects().flatMap((effect) => (effect.type === 'close' ? [[effect.connectionId, effect.code]] : []));
  const open = () => new Map(['ann', 'bob', 'cat', 'dan'].map((sub) => [`socket-${sub}`, T0 + UNREAD_MAX_MS]));

  it('SR3 CL11 is closed 30 s later, and keeps the seat for a while', () => {
    send(UNREAD_MAX_MESSAGES + 2);
    const due = T0 + UNREAD_MAX_MS;
    expect(room.nextDue(open(), T0)).toBe(due);
    room.tick(open(), due - 1);
    expect(closes()).toEqual([]);
    room.tick(open(), due);
    expect(closes()).toEqual([['socket-ann', CloseCode.tooSlow]]);
    expect(room.state.seats.size).toBe(4);
    room.tick(open(), due);
    expect(room.nextDue(open(), due)).toBeGreaterThan(due);
  });

  it('SR2 who says hello in time is not closed, and is sent changes again', () => {
    send(UNREAD_MAX_MESSAGES + 2);
    hello({ rev: 4 });
    room.tick(open(), T0 + UNREAD_MAX_MS);
    expect(closes()).toEqual([]);
    expect(send(1)).toEqual(['send']);
  });

  it('SR1 who acknowledges is sent changes without end', () => {
    for (let received = 32; received <= 960; received += 32) {
      expect(send(32)).not.toContain('notice');
      receiveFrame(room, 'socket-ann', JSON.stringify({ type: 'ack', received }), T0 + received * 1000);
    }
    expect(room.nextDue(open(), T0)).toBeGreaterThan(T0 + UNREAD_MAX_MS);
  });

  it('SR2 A21 nothing is kept of a socket that is gone', () => {
    const [ann] = room.state.seats.values();
    for (const end of [
      () => room.socketLost('socket-ann', T0),
      () => room.removeByHost(room.state.seats.get(ann!.id)!, T0),
    ]) {
      send(UNREAD_MAX_MESSAGES + 2);
      expect(room.readers.nextDue()).toBe(T0 + UNREAD_MAX_MS);
      end();
      expect(room.readers.nextDue()).toBe(Infinity);
      room.addTicket({ type: 'member', secretHash: 's-ann' }, 't-ann', T0);
      room.openSocket('t-ann', 'socket-ann', T0);
    }
  });
});
