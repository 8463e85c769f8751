import type { Source } from '#protocol';
import type { CallState } from './state.ts';

/** What an interface reads of a call. */
export interface CallView {
  /** An immutable snapshot: another object after each change. */
  readonly state: CallState;
  /** Called after each change of `state`. Returns the unsubscribe function. */
  subscribe(listener: () => void): () => void;
  readonly media: MediaView;
}

/** Streams and levels: too quick, or too much of the browser's, for the state. */
export interface MediaView {
  /**
   * The stream of a participant's source (`self` is me), the same object for as long as it lasts. Undefined: nothing yet.
   */
  stream(participantId: string, source: Source): MediaStream | undefined;
  /** Called when any stream came or went. Returns the unsubscribe function. */
  subscribe(listener: () => void): () => void;
  /** Loudness now, 0 to 1; poll it from an animation frame. */
  level(participantId: string): number;
  /** The sound of everybody: every remote audio stream, by participant and source. */
  readonly sounds: ReadonlyMap<string, MediaStream>;
}
