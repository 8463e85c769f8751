import { RIDS_MAX, TRACK_NAME_MAX_CHARACTERS } from './limits.ts';
import {
  optional,
  orEmpty,
  parseArray,
  parseBoolean,
  parseInteger,
  parseObject,
  parseOneOf,
  parseOr,
  parseString,
} from './parse.ts';
import { ROLE_GRANTS, type PublishGrant, type Role } from './room-token.ts';

/** Where a published track comes from. */
export const Source = {
  microphone: 'microphone',
  camera: 'camera',
  screen: 'screen',
  screenAudio: 'screen-audio',
} as const;
export type Source = (typeof Source)[keyof typeof Source];

export const SOURCE_KIND: Readonly<Record<Source, 'audio' | 'video'>> = {
  microphone: 'audio',
  camera: 'video',
  screen: 'video',
  'screen-audio': 'audio',
};

/** The grant that publishing a source needs. */
export const SOURCE_GRANT: Readonly<Record<Source, PublishGrant>> = {
  microphone: 'audio',
  camera: 'video',
  screen: 'screen',
  'screen-audio': 'screen',
};

/** A track whose packets flow. The pair (sessionId, trackName) locates it for a pull. */
export interface LiveTrack {
  trackName: string;
  source: Source;
  /** True while its sender shows or sounds nothing; the publication stays. */
  muted: boolean;
  /** Simulcast layers, best first; empty where there is one encoding. */
  rids: readonly string[];
}

/** What everybody in a room knows about somebody in it. */
export interface Participant {
  /** Opaque, unique in the room, kept across reloads. */
  id: string;
  name: string;
  role: Role;
  /** Milliseconds since the epoch. */
  joinedAt: number;
  /** `away`: the socket is lost and the seat is kept for a while; media may still flow. */
  presence: 'here' | 'away';
  /** When the hand was raised, in milliseconds since the epoch, never twice the same; absent while it is down. */
  hand?: number;
  /** Handle of the session the live tracks belong to; empty before anything is published. */
  sessionId: string;
  tracks: readonly LiveTrack[];
}

/** How a room is, whoever is in it. */
export interface RoomStatus {
  /** Nobody new comes in but moderators, and who was admitted. */
  locked: boolean;
  /** When the call ends for all, in milliseconds since the epoch; absent where nothing limits it. */
  endsAt?: number;
}

/** The whole room at one revision. */
export interface RosterSnapshot extends RoomStatus {
  /** Changes when the room starts anew: discard everything known before. */
  epoch: string;
  /** Grows by one with each change. */
  rev: number;
  /** In order of arrival. */
  participants: readonly Participant[];
}

const parseCount = parseInteger(0, Number.MAX_SAFE_INTEGER);
export const parseHandle = parseString(64, /^[0-9a-f]{32}$/);
export const parseTrackName = parseString(TRACK_NAME_MAX_CHARACTERS, /^[\w.:~#@+-]+$/);
export const parseRid = parseString(16, /^[A-Za-z0-9]+$/);
// By the keys of what clients need anyway: the script has no room for the same names twice.
const SOURCES = Object.keys(SOURCE_KIND) as Source[];
export const parseSource = parseOneOf(...SOURCES);
export const parseMemberId = parseString(64, /^[A-Za-z0-9_-]+$/);

export const parseLiveTrack = parseObject<LiveTrack>({
  trackName: parseTrackName,
  source: parseSource,
  muted: parseBoolean,
  rids: parseArray(parseRid, RIDS_MAX),
});

export const parseLiveTracks = parseArray(parseLiveTrack, SOURCES.length);

export const parseParticipant = parseObject<Participant>({
  id: parseMemberId,
  name: parseString(256),
  role: parseOneOf(...(Object.keys(ROLE_GRANTS) as Role[])),
  joinedAt: parseCount,
  presence: parseOneOf('here', 'away'),
  hand: optional(parseCount),
  sessionId: orEmpty(parseHandle),
  tracks: parseLiveTracks,
});

const STATUS = {
  // An older broker knows no lock.
  locked: parseOr(parseBoolean, false),
  endsAt: optional(parseCount),
};

export const parseRoomStatus = parseObject<RoomStatus>(STATUS);

export const parseRosterSnapshot = parseObject<RosterSnapshot>({
  ...STATUS,
  epoch: parseMemberId,
  rev: parseCount,
  participants: parseArray(parseParticipant, Infinity),
});
