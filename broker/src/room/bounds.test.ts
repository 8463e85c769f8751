import { expect, it } from 'vitest';
import { CHAT_RING_MAX, type RoomTokenClaims } from '#protocol';
import { receiveFrame } from './receive-frame.ts';
import { Room } from './room.ts';

const T0 = 1_800_000_000_000;
const VISITS = 10_000;
const CLAIMS: RoomTokenClaims = {
  room: 'r1',
  sub: 'host',
  iat: 0,
  exp: 0,
  role: 'host',
  grants: { publish: ['audio'], subscribe: true, chat: true, moderate: true },
  limits: {},
  lobby: false,
};

it('RM12 MO3 CH4 A21 ten thousand join, write and are removed: what is kept is bounded, and nothing is kept in the end', () => {
  let ids = 0;
  const room = new Room(() => `id${ids++}`);
  let now = T0;
  const enter = (sub: string) => {
    const input = {
      claims: { ...CLAIMS, sub, iat: now / 1000 },
      name: sub,
      secretHash: `s-${sub}`,
      ticketHash: `t-${sub}`,
    };
    expect(room.join(input, now)).toMatchObject({ ok: true });
    room.openSocket(`t-${sub}`, `socket-${sub}`, now);
  };
  const say = (sub: string, message: object) => receiveFrame(room, `socket-${sub}`, JSON.stringify(message), now);
  const rows = () => {
    const { seats, waiting, granted, chat, closings, denials } = room.state;
    return [seats, waiting, granted, chat, closings, denials].map((map) => map.size);
  };

  enter('host');
  for (let index = 0; index < VISITS + 500; index += 1) {
    now += 1_000;
    const sub = `guest-${index}`;
    enter(sub);
    const { id } = room.members.at(-1)!;
    say(sub, { type: 'chat', key: 'k', text: 'hello' });
    say('host', { type: 'grant', id, grants: { ...CLAIMS.grants, moderate: false } });
    say('host', { type: 'remove', id });
    room.takeEffects();
  }
  expect(room.state.denials.size).toBeGreaterThan(VISITS / 2);
  rows().forEach((size, index) => expect(size).toBeLessThanOrEqual([1, 0, 1_000, CHAT_RING_MAX, 0, VISITS][index]!));
  expect(room.history.since(room.state.rev - 257)).toBeUndefined();

  say('host', { type: 'leave', mayReturn: false });
  room.tick(new Map(), now + 25 * 60 * 60 * 1000);
  expect([room.isOver, rows().filter((size, index) => index !== 2 && index !== 3 && size > 0)]).toEqual([true, []]);
}, 60_000);
