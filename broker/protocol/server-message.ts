import { ParseError, parseInteger, parseJson, parseObject, parseOneOf, parseRecord } from './parse.ts';
import {
  parseMemberId,
  parseParticipant,
  parseRosterSnapshot,
  parseSource,
  type Participant,
  type RosterSnapshot,
  type Source,
} from './participant.ts';
import { parseErrorBody, type ErrorBody } from './broker-error.ts';

/** Why somebody is gone. */
export const LeaveReason = { left: 'left', lost: 'lost', removed: 'removed', replaced: 'replaced' } as const;
export type LeaveReason = (typeof LeaveReason)[keyof typeof LeaveReason];

/** One change of the roster. Participants are replaced whole, so applying a change twice does no harm. */
export type RosterChange =
  { type: 'put'; participant: Participant } | { type: 'gone'; id: string; reason: LeaveReason };

/** What the broker says over the socket. */
export type ServerMessage =
  /** The whole roster: after `hello`, unless the client was up to date. */
  | ({ type: 'roster' } & RosterSnapshot)
  /** Answer to `hello` where nothing was missed. */
  | { type: 'current'; epoch: string; rev: number }
  /** Revision `rev` of the roster; a client that does not hold `rev - 1` says `hello` again. */
  | { type: 'change'; epoch: string; rev: number; change: RosterChange }
  /** A moderator wants this source of mine muted: obey at once, and announce it. */
  | { type: 'mute'; source: Source }
  /** A message of the client's was refused; nothing was done. */
  | ({ type: 'error' } & ErrorBody);

const parseRev = parseInteger(0, Number.MAX_SAFE_INTEGER);
const parsePosition = parseObject<{ epoch: string; rev: number }>({ epoch: parseMemberId, rev: parseRev });
const parseGone = parseObject<{ id: string; reason: LeaveReason }>({
  id: parseMemberId,
  reason: parseOneOf(...Object.values(LeaveReason)),
});

/** Parses one text frame. Throws {@link ParseError}. */
export function parseServerMessage(text: string): ServerMessage {
  const record = parseRecord(parseJson(text, 'message'), 'message');
  switch (record['type']) {
    case 'roster':
      return { type: 'roster', ...parseRosterSnapshot(record) };
    case 'current':
      return { type: 'current', ...parsePosition(record) };
    case 'change':
      return { type: 'change', ...parsePosition(record), change: parseRosterChange(record['change'], 'change') };
    case 'mute':
      return { type: 'mute', source: parseSource(record['source'], 'source') };
    case 'error':
      return { type: 'error', ...parseErrorBody(record) };
    default:
      throw new ParseError('type', 'roster, current, change, mute or error');
  }
}

function parseRosterChange(value: unknown, path: string): RosterChange {
  const record = parseRecord(value, path);
  return parseOneOf('put', 'gone')(record['type'], `${path}.type`) === 'put'
    ? { type: 'put', participant: parseParticipant(record['participant'], `${path}.participant`) }
    : { type: 'gone', ...parseGone(value, path) };
}
