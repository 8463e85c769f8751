import { ParseError, compact, parseArray, parseExactRecord, parseInteger, parseObject } from './parse.ts';
import { parseOneOf, parseOptional, parseString, type Parser } from './parse.ts';
import { parseMemberId, parseRoomStatus, parseSource, type Participant, type RoomStatus } from './participant.ts';
import type { Source } from './participant.ts';
import { Role, isId } from './room-token.ts';

/** What the owner's backend asks the broker, and is answered. PROTOCOL.md, rules SV1 to SV9. */

/** Answers `GET /rooms/{room}/participants`. */
export interface RoomList extends RoomStatus {
  /** In order of arrival. */
  participants: ListedParticipant[];
  /** Who has to be admitted first. */
  waiting: Pick<ListedParticipant, 'id' | 'sub' | 'name'>[];
}

export interface ListedParticipant extends Pick<Participant, 'id' | 'name' | 'role' | 'joinedAt' | 'presence'> {
  /** The identity in the token. Only a backend is told it. */
  sub: string;
  /** What is published now, muted or not. */
  sources: Source[];
}

/** Body of `POST /rooms/{room}/remove`. By `sub`, somebody who is not there is kept out as well. */
export type RemoveRequest = { id: string } | { sub: string };

/** Answers `POST /rooms/{room}/remove` and `/end`. */
export interface RemoveResponse {
  /** How many had a place in the room. */
  removed: number;
}

/** Body of `POST /rooms/{room}/invitations`: `name`, `role`, `grants` and `lobby` are claims, and have their rules. */
export interface InvitationRequest {
  sub: string;
  name?: unknown;
  role?: unknown;
  grants?: unknown;
  lobby?: unknown;
  /** How long the token opens the door. */
  minutes?: number;
}

export interface InvitationResponse {
  token: string;
  /** Seconds since the epoch, as in the token. */
  expiresAt: number;
}

const MINUTES_MAX = 24 * 60;
const parseCount = parseInteger(0, Number.MAX_SAFE_INTEGER);

const parseSub: Parser<string> = (value, path) => {
  if (!isId(value)) throw new ParseError(path, '1 to 128 of A-Z a-z 0-9 . _ ~ -');
  return value;
};

/** Names either an `id` of the roster or a `sub`. */
export function parseRemoveRequest(value: unknown): RemoveRequest {
  const { id, sub } = parseExactRecord(value, 'body', ['id', 'sub']);
  if ((id === undefined) === (sub === undefined)) throw new ParseError('body', 'either {"id"} or {"sub"}');
  return sub === undefined ? { id: parseMemberId(id, 'id') } : { sub: parseSub(sub, 'sub') };
}

export function parseInvitationRequest(value: unknown): InvitationRequest {
  const record = parseExactRecord(value, 'body', ['sub', 'name', 'role', 'grants', 'lobby', 'minutes']);
  const { name, role, grants, lobby } = record;
  const minutes = parseOptional(record, 'minutes', parseInteger(1, MINUTES_MAX));
  return { sub: parseSub(record['sub'], 'sub'), ...compact({ name, role, grants, lobby, minutes }) };
}

const WAITING = { id: parseMemberId, sub: parseSub, name: parseString(256) };

const parseLists = parseObject<Pick<RoomList, 'participants' | 'waiting'>>({
  participants: parseArray(
    parseObject<ListedParticipant>({
      ...WAITING,
      role: parseOneOf(...Object.values(Role)),
      joinedAt: parseCount,
      presence: parseOneOf('here', 'away'),
      sources: parseArray(parseSource, 4),
    }),
    Infinity,
  ),
  waiting: parseArray(parseObject<RoomList['waiting'][number]>(WAITING), Infinity),
});

export function parseRoomList(value: unknown): RoomList {
  return { ...parseRoomStatus(value), ...parseLists(value) };
}

export const parseRemoveResponse = parseObject<RemoveResponse>({ removed: parseCount });

export const parseInvitationResponse = parseObject<InvitationResponse>({
  token: parseString(8192),
  expiresAt: parseCount,
});
