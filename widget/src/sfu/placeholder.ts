import type { Clock } from '../call/ports.ts';
import { createBlackTrack, type BlackTrack } from './black-track.ts';

const FRAME_INTERVAL_MS = 1_000;

/**
 * Silence and a black picture, sent while there is nothing else: the SFU collects a track without packets after 30 s,
 * and whoever pulled it would have to pull again.
 */
export class Placeholders {
  readonly #clock: Clock;
  #silence: { context: AudioContext; track: MediaStreamTrack } | undefined;
  #picture: BlackTrack | undefined;
  #stopFrames: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  track(kind: 'audio' | 'video'): MediaStreamTrack {
    if (kind === 'audio') return (this.#silence ??= createSilence()).track;
    if (!this.#picture) {
      this.#picture = createBlackTrack();
      this.#drawOn(this.#picture);
    }
    return this.#picture.track;
  }

  close(): void {
    this.#silence?.track.stop();
    // It rejects where the context is closed already.
    void this.#silence?.context.close().catch(() => undefined);
    this.#silence = undefined;
    this.#stopFrames();
    this.#picture?.track.stop();
    this.#picture = undefined;
  }

  #drawOn(picture: BlackTrack): void {
    picture.draw(this.#clock.now());
    this.#stopFrames = this.#clock.setTimeout(() => this.#drawOn(picture), FRAME_INTERVAL_MS);
  }
}

/** Silence at the usual packet rate. A destination without input would send nothing at all. */
function createSilence(): { context: AudioContext; track: MediaStreamTrack } {
  const context = new AudioContext();
  const destination = context.createMediaStreamDestination();
  const source = new ConstantSourceNode(context, { offset: 0 });
  source.connect(destination);
  source.start();
  const [track] = destination.stream.getAudioTracks();
  if (!track) throw new Error('the audio destination has no track');
  return { context, track };
}
