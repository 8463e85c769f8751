import type { Source } from '#protocol';
import type { Unsubscribe } from '../call/ports.ts';

/** What there is to publish: the devices, as the engine sees them. */
export interface LocalMedia {
  /** The track captured now; undefined while the source is off. */
  track(source: Source): MediaStreamTrack | undefined;
  /** True where the source is off, or captured and silenced. */
  isMuted(source: Source): boolean;
  /** How loud the microphone is now, muted or not, 0 to 1. */
  level(): number;
  /** Called after each change of what the other two return. */
  subscribeTracks(listener: () => void): Unsubscribe;
}
