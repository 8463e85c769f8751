import { parseRoomStatus, type Grants, type InvitationRequest, type RemoveRequest } from '#protocol';
import type { RemoveResponse, RoomList, RoomTokenClaims } from '#protocol';
import { deny, type Denied } from '../refusal.ts';
import type { Room } from '../room/room.ts';
import { toParticipant } from '../room/seat.ts';

/** What a backend asks of a room. */
export type Command =
  | { type: 'list' }
  | { type: 'remove'; who: RemoveRequest }
  | { type: 'end' }
  | { type: 'invite'; invitation: Pick<InvitationRequest, 'sub'> };

/** What the backend is answered, and what the caller is granted: that is all there is to pass on. */
export type Administered = { ok: true; answer: object; grants: Grants };

/**
 * Does what a backend asks, who has no seat and whose token grants moderating. A token that was good for somebody who was
 * removed, or whose right was taken away in the call, is good for nothing here.
 */
export function administer(room: Room, claims: RoomTokenClaims, command: Command, now: number): Administered | Denied {
  if (!room.limits.commands.take(claims.sub, now)) return deny('rate_limited');
  const grants = room.grantsOf(claims);
  if (!grants.moderate || room.denials.has(claims)) return deny('forbidden');
  const { everybody } = room;
  switch (command.type) {
    case 'list':
      return { ok: true, answer: listOf(room), grants };
    case 'remove': {
      const { who } = command;
      const seat = everybody.find((seat) => ('id' in who ? seat.id === who.id : seat.sub === who.sub));
      if (seat) room.removeByHost(seat, now);
      else if ('sub' in who) room.denials.add(who.sub, 0, now);
      else return deny('not_found', 'Nobody has this id');
      return { ok: true, answer: { removed: seat ? 1 : 0 } satisfies RemoveResponse, grants };
    }
    case 'end':
      room.end(now);
      return { ok: true, answer: { removed: everybody.length } satisfies RemoveResponse, grants };
    case 'invite':
      // A token takes the seat of its sub: who may invite is not to take another's place.
      if (command.invitation.sub !== claims.sub && everybody.some(({ sub }) => sub === command.invitation.sub))
        return deny('forbidden', 'Somebody with this sub is in the room');
      return { ok: true, answer: {}, grants };
  }
}

function listOf({ members, state: { call, waiting } }: Room): RoomList {
  return {
    ...parseRoomStatus(call),
    participants: members.map((seat) => {
      const { id, name, role, joinedAt, presence, tracks } = toParticipant(seat);
      return { id, sub: seat.sub, name, role, joinedAt, presence, sources: tracks.map(({ source }) => source) };
    }),
    waiting: [...waiting.values()].map(({ id, sub, name }) => ({ id, sub, name })),
  };
}
