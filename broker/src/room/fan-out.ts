import type { ServerMessage } from '#protocol';
import type { Room } from './room.ts';
import { isListening } from './seat.ts';

/**
 * Who is sent what of a message to all. Who does not read what was sent before gets no more of what can be asked for
 * again, and is told once that there is more.
 */
export function fanOut(room: Room, message: ServerMessage, now: number): [connectionId: string, ServerMessage][] {
  const { epoch, rev } = room.state;
  const isRepeatable = message.type === 'change' || message.type === 'reaction';
  return room.members.filter(isListening).flatMap(({ socket }): [string, ServerMessage][] => {
    if (socket.phase !== 'open') return [];
    const verdict = isRepeatable ? room.readers.next(socket.connectionId, now) : 'send';
    if (verdict === 'hold') return [];
    return [[socket.connectionId, verdict === 'send' ? message : { type: 'current', epoch, rev }]];
  });
}
