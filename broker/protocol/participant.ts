import { RIDS_MAX, TRACK_NAME_MAX_CHARACTERS } from './limits.ts';
import { ParseError, parseArray, parseBoolean, parseInteger, parseOneOf, parseRecord, parseString } from './parse.ts';
import { Role, type PublishGrant } from './room-token.ts';

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
  /** Handle of the session the live tracks belong to; empty before anything is published. */
  sessionId: string;
  tracks: readonly LiveTrack[];
}

/** The whole room at one revision. */
export interface RosterSnapshot {
  /** Changes when the room starts anew: discard everything known before. */
  epoch: string;
  /** Grows by one with each change. */
  rev: number;
  participants: readonly Participant[];
}

const parseName = parseString(256);
export const parseHandle = parseString(64, /^[0-9a-f]{32}$/);
export const parseTrackName = parseString(TRACK_NAME_MAX_CHARACTERS, /^[\w.:~#@+-]+$/);
export const parseRid = parseString(16, /^[A-Za-z0-9]+$/);
export const parseMemberId = parseString(64, /^[A-Za-z0-9_-]+$/);

export function parseLiveTrack(value: unknown, path: string): LiveTrack {
  const record = parseRecord(value, path);
  return {
    trackName: parseTrackName(record['trackName'], `${path}.trackName`),
    source: parseOneOf(...Object.values(Source))(record['source'], `${path}.source`),
    muted: parseBoolean(record['muted'], `${path}.muted`),
    rids: parseArray(parseRid, RIDS_MAX)(record['rids'], `${path}.rids`),
  };
}

export const parseLiveTracks = parseArray(parseLiveTrack, Object.keys(Source).length);

export function parseParticipant(value: unknown, path: string): Participant {
  const record = parseRecord(value, path);
  const sessionId = record['sessionId'];
  return {
    id: parseMemberId(record['id'], `${path}.id`),
    name: parseName(record['name'], `${path}.name`),
    role: parseOneOf(...Object.values(Role))(record['role'], `${path}.role`),
    joinedAt: parseInteger(0, Number.MAX_SAFE_INTEGER)(record['joinedAt'], `${path}.joinedAt`),
    presence: parseOneOf('here', 'away')(record['presence'], `${path}.presence`),
    sessionId: sessionId === '' ? '' : parseHandle(sessionId, `${path}.sessionId`),
    tracks: parseLiveTracks(record['tracks'], `${path}.tracks`),
  };
}

export function parseRosterSnapshot(value: unknown, path: string): RosterSnapshot {
  const record = parseRecord(value, path);
  const participants = record['participants'];
  if (!Array.isArray(participants)) throw new ParseError(`${path}.participants`, 'an array');
  return {
    epoch: parseMemberId(record['epoch'], `${path}.epoch`),
    rev: parseInteger(0, Number.MAX_SAFE_INTEGER)(record['rev'], `${path}.rev`),
    participants: participants.map((entry, index) => parseParticipant(entry, `${path}.participants[${index}]`)),
  };
}
