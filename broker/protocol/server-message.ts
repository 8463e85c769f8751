import { parseErrorBody, type ErrorBody } from './broker-error.ts';
import { parseChatMessage, type ChatMessage } from './chat.ts';
import { parseGrants } from './grants.ts';
import { WAITING_MAX } from './limits.ts';
import {
  ParseError,
  compact,
  orEmpty,
  parseArray,
  parseInteger,
  parseJson,
  parseObject,
  parseOneOf,
  parseOptional,
  parseRecord,
  parseString,
} from './parse.ts';
import {
  parseMemberId,
  parseParticipant,
  parseRid,
  parseRosterSnapshot,
  parseRoomStatus,
  parseSource,
  type Participant,
  type RoomStatus,
  type RosterSnapshot,
  type Source,
} from './participant.ts';
import type { Grants } from './room-token.ts';

/** Why somebody is gone. */
export const LeaveReason = { left: 'left', lost: 'lost', removed: 'removed', replaced: 'replaced' } as const;
export type LeaveReason = (typeof LeaveReason)[keyof typeof LeaveReason];

/** One change of the roster. Participants are replaced whole, so applying a change twice does no harm. */
export type RosterChange =
  | { type: 'put'; participant: Participant }
  | { type: 'gone'; id: string; reason: LeaveReason }
  | ({ type: 'room' } & RoomStatus);

/** Somebody who waits to be admitted. */
export interface Knock {
  /** The participant id, also after admission. */
  id: string;
  name: string;
}

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
  /** To moderators: all who wait now, first come first. */
  | { type: 'knocks'; waiting: readonly Knock[] }
  /** To who waits: join again, with `resume`. */
  | { type: 'admitted' }
  /** What I may do has changed; what was taken away has ended. */
  | { type: 'granted'; grants: Grants }
  | ({ type: 'chat' } & ChatMessage)
  | { type: 'reaction'; from: string; emoji: string }
  /** Somebody watches this layer of my camera, and none above it; empty: none at all. Who says nothing may watch any. */
  | { type: 'layers'; from: string; rid: string }
  /** A message of the client's was refused; nothing was done. `key` tells which, where that was a chat message. */
  | ({ type: 'error'; key?: string } & ErrorBody);

const parseRev = parseInteger(0, Number.MAX_SAFE_INTEGER);
const parsePosition = parseObject<{ epoch: string; rev: number }>({ epoch: parseMemberId, rev: parseRev });
const parseGone = parseObject<{ id: string; reason: LeaveReason }>({
  id: parseMemberId,
  reason: parseOneOf(...Object.values(LeaveReason)),
});
const parseKnocks = parseArray(parseObject<Knock>({ id: parseMemberId, name: parseString(256) }), WAITING_MAX);
const parseReaction = parseObject<{ from: string; emoji: string }>({ from: parseMemberId, emoji: parseString(64) });

const parseWatched = parseObject<{ from: string; rid: string }>({ from: parseMemberId, rid: orEmpty(parseRid) });

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
    case 'knocks':
      return { type: 'knocks', waiting: parseKnocks(record['waiting'], 'waiting') };
    case 'admitted':
      return { type: 'admitted' };
    case 'granted':
      return { type: 'granted', grants: parseGrants(record['grants'], 'grants') };
    case 'chat':
      return { type: 'chat', ...parseChatMessage(record) };
    case 'reaction':
      return { type: 'reaction', ...parseReaction(record) };
    case 'layers':
      return { type: 'layers', ...parseWatched(record) };
    case 'error':
      return compact({
        type: 'error' as const,
        ...parseErrorBody(record),
        key: parseOptional(record, 'key', parseMemberId),
      });
    default:
      throw new ParseError('type', 'of a message of this version');
  }
}

function parseRosterChange(value: unknown, path: string): RosterChange {
  const record = parseRecord(value, path);
  switch (parseOneOf('put', 'gone', 'room')(record['type'], `${path}.type`)) {
    case 'put':
      return { type: 'put', participant: parseParticipant(record['participant'], `${path}.participant`) };
    case 'gone':
      return { type: 'gone', ...parseGone(value, path) };
    case 'room':
      return { type: 'room', ...parseRoomStatus(value, path) };
  }
}
