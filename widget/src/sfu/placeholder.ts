import type { Clock, Unsubscribe } from '../call/ports.ts';

const FRAME_INTERVAL_MS = 1_000;
const WIDTH = 160;
const HEIGHT = 90;

/**
 * Silence and a black picture, sent while there is nothing else: the SFU collects a track without packets after 30 s,
 * and whoever pulled it would have to pull again.
 */
export class Placeholders {
  readonly #clock: Clock;
  #silence: { context: AudioContext; track: MediaStreamTrack } | undefined;
  #picture: { track: MediaStreamTrack; stop: Unsubscribe } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  track(kind: 'audio' | 'video'): MediaStreamTrack {
    if (kind === 'audio') return (this.#silence ??= createSilence()).track;
    return (this.#picture ??= createPicture(this.#clock)).track;
  }

  close(): void {
    this.#silence?.track.stop();
    // It rejects where the context is closed already.
    void this.#silence?.context.close().catch(() => undefined);
    this.#silence = undefined;
    this.#picture?.stop();
    this.#picture = undefined;
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

function createPicture(clock: Clock): { track: MediaStreamTrack; stop: Unsubscribe } {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d');
  // Zero: a frame is captured only when asked for.
  const [track] = canvas.captureStream(0).getVideoTracks();
  if (!context || !(track instanceof CanvasCaptureMediaStreamTrack)) throw new Error('the canvas has no video track');

  let stopTimer: Unsubscribe = () => undefined;
  const draw = () => {
    // Without a change to the canvas, there would be no frame.
    context.fillRect(0, 0, WIDTH, HEIGHT);
    track.requestFrame();
    stopTimer = clock.setTimeout(draw, FRAME_INTERVAL_MS);
  };
  draw();
  return {
    track,
    stop: () => {
      stopTimer();
      track.stop();
    },
  };
}
