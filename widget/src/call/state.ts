import type { Grants, Knock, LeaveReason, RosterSnapshot, Source } from '#protocol';
import type { CallErrorCode } from './errors.ts';
import type { MediaStats } from './media-stats.ts';

/** What a capture device does now: never what was asked of it. */
export type CaptureState =
  | { status: 'off' }
  | { status: 'starting' }
  | { status: 'on'; deviceId: string; label: string }
  /** Captured, and sending silence. Microphone only. */
  | { status: 'muted'; deviceId: string; label: string }
  | { status: 'failed'; error: CallErrorCode };

/** A capture source a person switches. */
export type CaptureSource = Exclude<Source, 'screen-audio'>;

export interface Device {
  id: string;
  label: string;
}

export type DeviceKind = 'microphone' | 'camera' | 'speaker';

/** My side of the call, in every phase. */
export interface LocalState {
  name: string;
  /** False where the token gave the name, so that it cannot be changed here. */
  mayRename: boolean;
  microphone: CaptureState;
  camera: CaptureState;
  screen: CaptureState;
  devices: Readonly<Record<DeviceKind, readonly Device[]>>;
  /** Id of the chosen output; empty means the browser's default. */
  speakerId: string;
}

/** What I receive of one track: `sessionId/trackName` is its key in {@link InCall.tracks}. */
export type RemoteTrackState = { status: 'pulling' } | { status: 'playing' } | { status: 'failed'; errorCode: string };

/** The media path of the call as a whole. */
export type Connection =
  | 'connecting'
  | 'connected'
  | 'reconnecting'
  /** Given up after many tries; the room is still there. Media only. */
  | 'failed';

/** The roster as it is now, self included, and what I make of it. */
export interface InCall extends RosterSnapshot {
  phase: 'in-call';
  selfId: string;
  grants: Grants;
  /** Who waits to be let in, first come first: told to those who may moderate. */
  knocks: readonly Knock[];
  /** The call ends for all within so many minutes; 0 while that is far. */
  endsWithin: number;
  tracks: Readonly<Record<string, RemoteTrackState>>;
  /** Participants heard now, loudest first; self included. */
  speakers: readonly string[];
  /** Who spoke last, self excepted; empty before anybody has. */
  activeSpeaker: string;
  /** I speak and am muted: told once, until I am heard or quiet for a while. */
  mutedSpeech: boolean;
  /** Bytes of media received so far by whose they were, those who have gone included. */
  usage: Readonly<Record<string, number>>;
  /** What went over the connections of late; undefined before the first look. */
  stats: MediaStats | undefined;
  media: Connection;
  signalling: Connection;
  /** The browser waits for a gesture before it plays sound. */
  soundBlocked: boolean;
  /** The last thing that failed without ending the call; dismissable. */
  notice: CallErrorCode | '';
}

export type LeftReason = 'you-left' | 'ended' | 'refused' | Extract<LeaveReason, 'removed' | 'replaced'>;

export type CallPhase =
  | { phase: 'lobby'; notice: CallErrorCode | '' }
  | { phase: 'joining' }
  /** A host has to let me in first. */
  | { phase: 'waiting'; signalling: Connection }
  | InCall
  | { phase: 'left'; reason: LeftReason }
  /** `mayRetry`: trying again can help without anybody else doing something first. */
  | { phase: 'failed'; error: CallErrorCode; detail: string; mayRetry: boolean };

/** The whole truth about a call: an immutable snapshot. */
export interface CallState {
  room: string;
  call: CallPhase;
  local: LocalState;
}

/** The key of a remote track in {@link InCall.tracks}. */
export function trackKey(sessionId: string, trackName: string): string {
  return `${sessionId}/${trackName}`;
}

export const INITIAL_LOCAL: LocalState = {
  name: '',
  mayRename: true,
  microphone: { status: 'off' },
  camera: { status: 'off' },
  screen: { status: 'off' },
  devices: { microphone: [], camera: [], speaker: [] },
  speakerId: '',
};

export function initialState(room: string): CallState {
  return { room, call: { phase: 'lobby', notice: '' }, local: INITIAL_LOCAL };
}
