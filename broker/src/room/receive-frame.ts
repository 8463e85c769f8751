import {
  CloseCode,
  PROTOCOL_OLDEST,
  SOCKET_MESSAGE_MAX_BYTES,
  SOURCE_GRANT,
  SOURCE_KIND,
  parseClientMessage,
  type ClientMessage,
} from '#protocol';
import { deny, type Denied } from '../refusal.ts';
import type { Room } from './room.ts';
import { findTrack, type Seat } from './seat.ts';

const STRIKES_MAX = 3;

/**
 * Handles one frame of a client. Who speaks is known from the socket; the frame only says what is wanted. Never throws:
 * what is not understood or not allowed is answered with an error and does nothing.
 */
export function receiveFrame(room: Room, connectionId: string, frame: string | ArrayBuffer, now: number): void {
  const seat = room.seatOfSocket(connectionId);
  if (!seat) return room.close(connectionId, CloseCode.unauthorized, 'no such seat');
  if (!room.limits.messages.take(connectionId, now))
    return room.close(connectionId, CloseCode.rateLimited, 'too many messages');
  if (isTooLarge(frame)) return room.close(connectionId, CloseCode.tooLarge, 'message too large');
  const message = typeof frame === 'string' ? parse(frame) : undefined;
  if (message) return obey(room, connectionId, seat, message, now);

  if (room.strike(seat) >= STRIKES_MAX) return room.close(connectionId, CloseCode.badMessage, 'not understood');
  room.send(connectionId, errorMessage(deny('decoding_error', 'The message was not understood')));
}

function obey(room: Room, connectionId: string, seat: Seat, message: ClientMessage, now: number): void {
  switch (message.type) {
    case 'hello':
      if (message.protocol < PROTOCOL_OLDEST) return room.close(connectionId, CloseCode.clientTooOld, 'client too old');
      return room.hello(connectionId, message.epoch, message.rev);
    case 'ack':
      return room.readers.acknowledged(connectionId, message.received);
    case 'tracks': {
      const denied = checkAnnouncement(seat, message);
      return denied
        ? room.send(connectionId, errorMessage(denied))
        : room.announce(seat, message.sessionId, message.tracks);
    }
    case 'leave':
      return room.leaveSeat(seat, message.mayReturn, now);
    case 'remove':
    case 'mute':
    case 'end': {
      const denied = moderate(room, seat, message, now);
      if (denied) room.send(connectionId, errorMessage(denied));
    }
  }
}

function moderate(
  room: Room,
  self: Seat,
  message: Extract<ClientMessage, { type: 'remove' | 'mute' | 'end' }>,
  now: number,
): Denied | undefined {
  if (!self.grants.moderate) return deny('forbidden', 'The token does not grant moderating');
  if (message.type === 'end') return void room.end(now);
  const { id } = message;
  if (id !== undefined && !room.state.seats.has(id)) return deny('not_found', 'Nobody has this id');
  if (message.type === 'remove') return void room.removeByHost(message.id, now);
  for (const seat of room.state.seats.values())
    if (id === undefined ? seat !== self : seat.id === id) room.mute(seat, message.source);
  return undefined;
}

/** What is announced was published by the same seat, as what it is announced as, and is granted. */
function checkAnnouncement(seat: Seat, { sessionId, tracks }: ClientMessage & { type: 'tracks' }): Denied | undefined {
  const sources = new Set(tracks.map((track) => track.source));
  const names = new Set(tracks.map((track) => track.trackName));
  if (sources.size < tracks.length || names.size < tracks.length)
    return deny('decoding_error', 'tracks: each source and each trackName may be named once');
  if (!seat.sessions.some((session) => session.handle === sessionId)) return deny('not_found');
  for (const { trackName, source } of tracks) {
    if (!seat.grants.publish.includes(SOURCE_GRANT[source])) return deny('forbidden', `${source} is not granted`);
    const kind = findTrack(seat.sessions, sessionId, trackName)?.kind;
    if (kind !== SOURCE_KIND[source]) return deny('not_found', 'No such track was published as that source');
  }
  return undefined;
}

function parse(frame: string): ClientMessage | undefined {
  try {
    return parseClientMessage(frame);
  } catch {
    // ParseError, or RangeError where it nests too deep.
    return undefined;
  }
}

function errorMessage({ errorCode, errorDescription = '' }: Denied) {
  return { type: 'error' as const, errorCode, errorDescription };
}

function isTooLarge(frame: string | ArrayBuffer): boolean {
  if (typeof frame !== 'string') return frame.byteLength > SOCKET_MESSAGE_MAX_BYTES;
  if (frame.length * 3 <= SOCKET_MESSAGE_MAX_BYTES) return false;
  return new TextEncoder().encode(frame).byteLength > SOCKET_MESSAGE_MAX_BYTES;
}
