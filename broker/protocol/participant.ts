import { RIDS_MAX, TRACK_NAME_MAX_CHARACTERS } from './limits.ts';
import { orEmpty, parseArray, parseBoolean, parseInteger, parseObject, parseOneOf, parseString } from './parse.ts';
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

const parseCount = parseInteger(0, Number.MAX_SAFE_INTEGER);
export const parseHandle = parseString(64, /^[0-9a-f]{32}$/);
export const parseTrackName = parseString(TRACK_NAME_MAX_CHARACTERS, /^[\w.:~#@+-]+$/);
export const parseRid = parseString(16, /^[A-Za-z0-9]+$/);
export const parseSource = parseOneOf(...Object.values(Source));
export const parseMemberId = parseString(64, /^[A-Za-z0-9_-]+$/);

export const parseLiveTrack = parseObject<LiveTrack>({
  trackName: parseTrackName,
  source: parseSource,
  muted: parseBoolean,
  rids: parseArray(parseRid, RIDS_MAX),
});

export const parseLiveTracks = parseArray(parseLiveTrack, Object.keys(Source).length);

export const parseParticipant = parseObject<Participant>({
  id: parseMemberId,
  name: parseString(256),
  role: parseOneOf(...Object.values(Role)),
  joinedAt: parseCount,
  presence: parseOneOf('here', 'away'),
  sessionId: orEmpty(parseHandle),
  tracks: parseLiveTracks,
});

export const parseRosterSnapshot = parseObject<RosterSnapshot>({
  epoch: parseMemberId,
  rev: parseCount,
  participants: parseArray(parseParticipant, Infinity),
});
