import { SOCKET_MESSAGE_MAX_BYTES } from './limits.ts';
import { ParseError, parseBoolean, parseInteger, parseJson, parseRecord } from './parse.ts';
import { parseHandle, parseLiveTracks, parseMemberId, type LiveTrack } from './participant.ts';

/** What a client says over the socket. */
export type ClientMessage =
  /** First message, and again on a gap: what I know of the roster. */
  | { type: 'hello'; protocol: number; epoch: string; rev: number }
  /** All my tracks whose packets flow, of one session of mine; replaces whatever I announced before. */
  | { type: 'tracks'; sessionId: string; tracks: LiveTrack[] }
  /** I go. With `mayReturn` the seat is kept for the time a reload takes. */
  | { type: 'leave'; mayReturn: boolean };

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
    default:
      throw new ParseError('type', 'hello, tracks or leave');
  }
}
