import {
  CloseCode,
  PROTOCOL_OLDEST,
  SOCKET_MESSAGE_MAX_BYTES,
  SOURCE_GRANT,
  SOURCE_KIND,
  compact,
  parseClientMessage,
  type ClientMessage,
  type ServerMessage,
} from '#protocol';
import { attempt } from '../attempt.ts';
import { deny, type Denied } from '../refusal.ts';
import { catchUp } from './catch-up.ts';
import { converse, raiseHand, relayLayers } from './conversation.ts';
import { moderate } from './moderation.ts';
import type { Room } from './room.ts';
import type { Seat } from './seat.ts';
import { findTrack } from './sessions.ts';

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
  const { byteLength } = typeof frame === 'string' ? new TextEncoder().encode(frame) : frame;
  if (byteLength > SOCKET_MESSAGE_MAX_BYTES) return room.close(connectionId, CloseCode.tooLarge, 'message too large');
  const message = typeof frame === 'string' ? attempt(() => parseClientMessage(frame)) : undefined;
  if (message) {
    const denied = obey(room, connectionId, seat, message, now);
    const key = message.type === 'chat' ? message.key : undefined;
    return denied && room.send(connectionId, errorMessage(denied, key));
  }

  if (room.strike(seat) >= STRIKES_MAX) return room.close(connectionId, CloseCode.badMessage, 'not understood');
  room.send(connectionId, errorMessage(deny('decoding_error', 'The message was not understood')));
}

function obey(room: Room, connectionId: string, seat: Seat, message: ClientMessage, now: number): Denied | void {
  switch (message.type) {
    case 'hello':
      if (message.protocol >= PROTOCOL_OLDEST) return catchUp(room, seat, message);
      return room.close(connectionId, CloseCode.clientTooOld, 'client too old');
    case 'ack':
      return room.readers.acknowledged(connectionId, message.received);
    case 'leave':
      return room.leaveSeat(seat, message.mayReturn, now);
  }
  if (room.isWaiting(seat)) return deny('waiting');
  switch (message.type) {
    case 'tracks': {
      const { sessionId, tracks } = message;
      return checkAnnouncement(seat, message) ?? room.put({ ...seat, asked: [], sessionId, tracks });
    }
    case 'layers':
      return relayLayers(room, seat, message.layers);
    case 'chat':
    case 'react':
      return converse(room, seat, message, now);
    case 'hand':
      if (message.id === undefined || message.id === seat.id) return raiseHand(room, seat, message.raised, now);
      return moderate(room, seat, message, now);
    default:
      return moderate(room, seat, message, now);
  }
}

/** What is announced was published by the same seat, as what it is announced as, and is granted. */
function checkAnnouncement(seat: Seat, { sessionId, tracks }: ClientMessage & { type: 'tracks' }): Denied | void {
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

function errorMessage({ errorCode, errorDescription = '' }: Denied, key?: string): ServerMessage {
  return compact({ type: 'error' as const, errorCode, errorDescription, key });
}
