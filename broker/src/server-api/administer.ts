import type { Grants, RemoveRequest, RoomList, RoomTokenClaims } from '#protocol';
import { deny, type Denied } from '../refusal.ts';
import type { Room } from '../room/room.ts';
import { toParticipant } from '../room/seat.ts';

/** What a backend asks of a room. */
export type Command =
  { type: 'list' } | { type: 'remove'; who: RemoveRequest } | { type: 'end' } | { type: 'invite'; sub: string };

/** What came of it; what the command has nothing to do with is empty. `grants` are what the caller has to pass on. */
export type Administered = { ok: true; list: RoomList; removed: number; grants: Grants };

/**
 * Does what a backend asks, who has no seat and whose token grants moderating. A token that was good for somebody who was
 * removed, or whose right was taken away in the call, is good for nothing here.
 */
export function administer(room: Room, claims: RoomTokenClaims, command: Command, now: number): Administered | Denied {
  if (!room.limits.commands.take(claims.sub, now)) return deny('rate_limited');
  const grants = room.grantsOf(claims);
  if (!grants.moderate || room.denials.has(claims)) return deny('forbidden');
  const done: Administered = { ok: true, list: { locked: false, participants: [], waiting: [] }, removed: 0, grants };
  const { everybody } = room;
  switch (command.type) {
    case 'list':
      return { ...done, list: listOf(room) };
    case 'remove': {
      const { who } = command;
      const seat = everybody.find((seat) => ('id' in who ? seat.id === who.id : seat.sub === who.sub));
      if (seat) room.removeByHost(seat.id, now);
      else if ('sub' in who) room.denials.add(who.sub, 0, now);
      else return deny('not_found', 'Nobody has this id');
      return { ...done, removed: seat ? 1 : 0 };
    }
    case 'end':
      room.end(now);
      return { ...done, removed: everybody.length };
    case 'invite':
      // A token takes the seat of its sub: who may invite is not to take another's place.
      if (command.sub !== claims.sub && everybody.some(({ sub }) => sub === command.sub))
        return deny('forbidden', 'Somebody with this sub is in the room');
      return done;
  }
}

function listOf({ members, state: { call, waiting } }: Room): RoomList {
  const { locked, endsAt } = call;
  return {
    locked,
    ...(endsAt !== undefined && { endsAt }),
    participants: members.map((seat) => {
      const { id, name, role, joinedAt, presence, tracks } = toParticipant(seat);
      return { id, sub: seat.sub, name, role, joinedAt, presence, sources: tracks.map(({ source }) => source) };
    }),
    waiting: [...waiting.values()].map(({ id, sub, name }) => ({ id, sub, name })),
  };
}
