import { SOCKET_MESSAGE_MAX_BYTES } from './limits.ts';
import { ParseError, compact, parseBoolean, parseInteger, parseJson, parseOptional, parseRecord } from './parse.ts';
import {
  parseHandle,
  parseLiveTracks,
  parseMemberId,
  parseSource,
  type LiveTrack,
  type Source,
} from './participant.ts';

/** What a client says over the socket. */
export type ClientMessage =
  /** First message, and again on a gap: what I know of the roster. */
  | { type: 'hello'; protocol: number; epoch: string; rev: number }
  /** All my tracks whose packets flow, of one session of mine; replaces whatever I announced before. */
  | { type: 'tracks'; sessionId: string; tracks: LiveTrack[] }
  /** I go. With `mayReturn` the seat is kept for the time a reload takes. */
  | { type: 'leave'; mayReturn: boolean }
  /** Somebody has to go, and does not return with a token of before. Needs `moderate`, as does what follows. */
  | { type: 'remove'; id: string }
  /** Somebody, or without an id everybody else, is to show or sound nothing. They may unmute themselves. */
  | { type: 'mute'; id?: string; source: Source }
  /** The call is over for all. */
  | { type: 'end' };

/** Parses one text frame. Throws {@link ParseError}. */
export function parseClientMessage(text: string): ClientMessage {
  if (text.length > SOCKET_MESSAGE_MAX_BYTES)
    throw new ParseError('message', `at most ${SOCKET_MESSAGE_MAX_BYTES} bytes`);
  const record = parseRecord(parseJson(text, 'message'), 'message');
  switch (record['type']) {
    case 'hello':
      return {
        type: 'hello',
        protocol: parseInteger(0, 1_000_000)(record['protocol'], 'protocol'),
        epoch: record['epoch'] === '' ? '' : parseMemberId(record['epoch'], 'epoch'),
        rev: parseInteger(0, Number.MAX_SAFE_INTEGER)(record['rev'], 'rev'),
      };
    case 'tracks':
      return {
        type: 'tracks',
        sessionId: parseHandle(record['sessionId'], 'sessionId'),
        tracks: parseLiveTracks(record['tracks'], 'tracks'),
      };
    case 'leave':
      return { type: 'leave', mayReturn: parseBoolean(record['mayReturn'], 'mayReturn') };
    case 'remove':
      return { type: 'remove', id: parseMemberId(record['id'], 'id') };
    case 'mute': {
      const source = parseSource(record['source'], 'source');
      return compact({ type: 'mute' as const, id: parseOptional(record, 'id', parseMemberId), source });
    }
    case 'end':
      return { type: 'end' };
    default:
      throw new ParseError('type', 'hello, tracks, leave, remove, mute or end');
  }
}
