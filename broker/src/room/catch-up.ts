import type { ClientMessage } from '#protocol';
import { missedChat } from './conversation.ts';
import type { Room } from './room.ts';
import { isListening, type Seat } from './seat.ts';

/** Tells a client what it does not know yet: after its `hello`, for which nothing else need have been received. */
export function catchUp(room: Room, seat: Seat, known: ClientMessage & { type: 'hello' }): void {
  if (seat.socket.phase === 'open') {
    room.readers.asked(seat.socket.connectionId);
    if (!isListening(seat)) room.save({ ...seat, socket: { ...seat.socket, isGreeted: true } });
  }
  if (seat.admitted) room.tell(seat, { type: 'admitted' });
  if (room.isWaiting(seat)) return;
  const { state } = room;
  const isSameRoom = state.epoch === known.epoch;
  const missed = isSameRoom ? room.history.since(known.rev) : undefined;
  if (!missed || (missed.length > 0 && missed.length >= state.seats.size))
    room.tell(seat, { type: 'roster', ...room.snapshot() });
  else {
    for (const change of missed) room.tell(seat, { type: 'change', epoch: state.epoch, ...change });
    room.tell(seat, { type: 'current', epoch: state.epoch, rev: state.rev });
  }
  for (const message of missedChat(room, seat, isSameRoom ? (known.chat ?? 0) : 0))
    room.tell(seat, { type: 'chat', ...message });
  for (const source of seat.asked) room.tell(seat, { type: 'mute', source });
  if (state.granted.has(seat.sub)) room.tell(seat, { type: 'granted', grants: seat.grants });
  room.tellKnocks([seat]);
}
