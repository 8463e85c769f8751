import type { ClientMessage } from '#protocol';
import type { Room } from './room.ts';
import type { Seat } from './seat.ts';

/** Tells publishers which of their layers somebody watches. Kept nowhere: what is not known is sent whole. */
export function relayLayers(room: Room, self: Seat, { layers }: Extract<ClientMessage, { type: 'layers' }>): void {
  for (const { id, rid } of layers) {
    const publisher = room.members.find((seat) => seat.id === id);
    if (publisher) room.tell(publisher, { type: 'layers', from: self.id, rid });
  }
}
