import { expect, it } from 'vitest';
import type { RoomTokenClaims } from '#protocol';
import { receiveFrame } from './receive-frame.ts';
import { Room } from './room.ts';

const T0 = 1_800_000_000_000;
const GRANTS = { publish: [], subscribe: true, chat: false, moderate: false };

it('RM16 tells each publisher concerned what somebody watches of theirs, and nobody else', () => {
  let ids = 0;
  const room = new Room(() => `id${ids++}`);
  for (const sub of ['ann', 'bob', 'cat', 'dan']) {
    const claims: RoomTokenClaims = {
      room: 'r',
      sub,
      iat: 0,
      exp: 0,
      role: 'guest',
      grants: GRANTS,
      limits: {},
      lobby: false,
    };
    room.join({ claims, name: sub, secretHash: `s-${sub}`, ticketHash: `t-${sub}` }, T0);
    room.openSocket(`t-${sub}`, `socket-${sub}`, T0);
  }
  const [ann, bob, cat, dan] = room.members.map(({ id }) => id);
  room.socketLost('socket-dan', T0);
  const { rev } = room.snapshot();
  room.takeEffects();

  const layers = [
    { id: bob, rid: 'b' },
    { id: cat, rid: '' },
    { id: dan, rid: 'a' },
    { id: 'nobody', rid: 'a' },
  ];
  receiveFrame(room, 'socket-ann', JSON.stringify({ type: 'layers', layers, from: cat }), T0);
  const sent = room
    .takeEffects()
    .flatMap((effect) => (effect.type === 'send' ? [[effect.connectionId, effect.message]] : []));
  expect(sent).toEqual([
    ['socket-bob', { type: 'layers', from: ann, rid: 'b' }],
    ['socket-cat', { type: 'layers', from: ann, rid: '' }],
  ]);
  expect(room.snapshot().rev).toBe(rev);
});
