import type { ClientMessage, Grants, Source } from '#protocol';
import { deny, type Denied } from '../refusal.ts';
import { raiseHand } from './conversation.ts';
import { setNewest } from './newest.ts';
import type { Room } from './room.ts';
import type { Seat } from './seat.ts';

export type ModeratorMessage = Extract<
  ClientMessage,
  { type: 'remove' | 'mute' | 'admit' | 'refuse' | 'lock' | 'grant' | 'end' | 'hand' }
>;

/** Grants that were changed are remembered for so many people. */
const GRANTED_MAX = 1_000;

/** Does what a moderator wants, and only a moderator. */
export function moderate(room: Room, self: Seat, message: ModeratorMessage, now: number): Denied | void {
  if (!self.grants.moderate) return deny('forbidden', 'Moderating is not granted');
  const { seats, waiting, call } = room.state;
  switch (message.type) {
    case 'end':
      return room.end(now);
    case 'lock':
      return room.setCall({ ...call, locked: message.locked });
    case 'admit':
      return each(waiting, message.id, (seat) => admit(room, seat));
    case 'refuse':
      return each(waiting, message.id, (seat) => room.removeByHost(seat, now));
    case 'remove':
      return each(seats, message.id, (seat) => room.removeByHost(seat, now));
    case 'grant':
      return each(seats, message.id, (seat) => grant(room, seat, message.grants, now));
    case 'mute':
      return each(seats, message.id, (seat) => {
        if (message.id !== undefined || seat !== self) mute(room, seat, message.source);
      });
    case 'hand':
      if (message.raised) return deny('forbidden', 'A hand is raised by its owner');
      return each(seats, message.id, (seat) => raiseHand(room, seat, false, now));
  }
}

/** For one of them, or without an id for all. */
function each(seats: ReadonlyMap<string, Seat>, id: string | undefined, run: (seat: Seat) => void): Denied | void {
  const chosen = id === undefined ? [...seats.values()] : [seats.get(id)];
  for (const seat of chosen) {
    if (!seat) return deny('not_found', 'Nobody has this id');
    run(seat);
  }
  return undefined;
}

function admit(room: Room, seat: Seat): void {
  room.wait({ ...seat, admitted: true });
  room.log('admitted', seat);
  room.tell(seat, { type: 'admitted' });
}

/** Asks for silence, and says at once that there is. The participant may announce otherwise. */
function mute(room: Room, seat: Seat, source: Source): void {
  const tracks = seat.tracks.map((track) => (track.source === source ? { ...track, muted: true } : track));
  room.put({ ...seat, tracks, asked: [...new Set([...seat.asked, source])] });
  room.tell(seat, { type: 'mute', source });
}

/** What is not granted any more ends here and now, whatever the client makes of it. */
function grant(room: Room, before: Seat, grants: Grants, now: number): void {
  setNewest(room.state.granted, before.sub, grants, GRANTED_MAX);
  const seat = room.keepWithinGrants({ ...before, grants }, now);
  room.put(seat);
  room.tell(seat, { type: 'granted', grants });
  if (!before.grants.moderate) room.tellKnocks([seat]);
}
