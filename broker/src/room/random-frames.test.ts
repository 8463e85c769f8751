import { assert, constantFrom, dictionary, jsonValue, oneof, property, record, string } from 'fast-check';
import { expect, it } from 'vitest';
import type { RoomTokenClaims } from '#protocol';
import { receiveFrame } from './receive-frame.ts';
import { Room } from './room.ts';

const FRAMES = 20_000;
const T0 = 1_800_000_000_000;
const TYPES = ['hello', 'ack', 'leave', 'tracks', 'layers', 'chat', 'react', 'hand', 'mute', 'remove', 'admit', 'lock'];
const CLAIMS: RoomTokenClaims = {
  room: 'r',
  sub: 'ann',
  iat: 0,
  exp: 0,
  role: 'guest',
  grants: { publish: ['audio'], subscribe: true, chat: true, moderate: false },
  limits: {},
  lobby: false,
};

const name = constantFrom(
  'id',
  'protocol',
  'epoch',
  'rev',
  'tracks',
  'layers',
  'text',
  'key',
  'to',
  'raised',
  '__proto__',
);
const frame = oneof(
  string(),
  jsonValue().map((value) => JSON.stringify(value)),
  record({ type: constantFrom(...TYPES), more: dictionary(name, jsonValue()) }).map(({ type, more }) =>
    JSON.stringify({ ...more, type }),
  ),
);

it(`RM11 A19 ${FRAMES} random frames are answered or close their socket, and nobody else notices`, () => {
  let ids = 0;
  const room = new Room(() => `id${ids++}`);
  const enter = (sub: string, now: number) => {
    room.join({ claims: { ...CLAIMS, sub }, name: sub, secretHash: `s-${sub}`, ticketHash: `t-${now}` }, now);
    room.openSocket(`t-${now}`, `socket-${sub}-${now}`, now);
  };
  enter('bob', T0);
  const bob = JSON.stringify(room.members[0]);
  let now = T0;
  const holds = property(frame, (text) => {
    now += 1_000;
    // Whatever closes it or ends its seat, the next frame comes over a socket of its own.
    enter('ann', now);
    room.takeEffects();
    receiveFrame(room, `socket-ann-${now}`, text, now);
    const effects = room.takeEffects();
    expect(effects.filter((effect) => effect.type === 'close' && effect.connectionId.includes('bob'))).toEqual([]);
    expect(JSON.stringify(room.members[0])).toBe(bob);
  });
  assert(holds, { numRuns: FRAMES });
});
