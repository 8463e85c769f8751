import type { Source } from '#protocol';
import type { Unsubscribe } from '../call/ports.ts';
import { LevelMeter } from '../devices/level-meter.ts';

/** Local media without devices: what each source captures is set by the test. */
export class SyntheticMedia {
  readonly #tracks = new Map<Source, MediaStreamTrack>();
  #meter: LevelMeter | undefined;
  readonly #listeners = new Set<() => void>();

  track(source: Source): MediaStreamTrack | undefined {
    return this.#tracks.get(source);
  }

  isMuted(source: Source): boolean {
    return !(this.#tracks.get(source)?.enabled ?? false);
  }

  /** A track that a test made up is silent. */
  level(): number {
    const track = this.#tracks.get('microphone');
    if (!(globalThis.MediaStreamTrack && track instanceof MediaStreamTrack)) return 0;
    return (this.#meter ??= new LevelMeter(track)).read();
  }

  subscribeTracks(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(source: Source, track: MediaStreamTrack | undefined): void {
    if (track) this.#tracks.set(source, track);
    else this.#tracks.delete(source);
    this.#notify();
  }

  setMuted(muted: boolean): void {
    const microphone = this.#tracks.get('microphone');
    if (microphone) microphone.enabled = !muted;
    this.#notify();
  }

  close(): void {
    this.#meter?.close();
    for (const track of this.#tracks.values()) track.stop();
    this.#tracks.clear();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

const FRAME_MS = 50;

/** Moving pictures of one colour, 20 a second. They end with the track. */
export function colorTrack(color: string, width = 160, height = 90): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  const [track] = canvas.captureStream(1_000 / FRAME_MS).getVideoTracks();
  if (!context || !track) throw new Error('no canvas');
  const draw = () => {
    if (track.readyState === 'ended') return clearInterval(timer);
    context.fillStyle = color;
    context.fillRect(0, 0, width, height);
  };
  const timer = setInterval(draw, FRAME_MS);
  draw();
  return track;
}

/** A steady tone, about as loud as speech. */
export function toneTrack(): MediaStreamTrack {
  const context = new AudioContext();
  const destination = context.createMediaStreamDestination();
  const tone = new OscillatorNode(context, { frequency: 440 });
  tone.connect(new GainNode(context, { gain: 0.3 })).connect(destination);
  tone.start();
  const [track] = destination.stream.getAudioTracks();
  if (!track) throw new Error('no audio track');
  return track;
}

/** The colour in the middle of what a stream shows, as `[red, green, blue]`, once it shows a picture. */
export async function shownColor(stream: MediaStream): Promise<[number, number, number]> {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, srcObject: stream });
  await video.play();
  await new Promise<void>((resolve) => video.requestVideoFrameCallback(() => resolve()));
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d');
  context?.drawImage(video, 0, 0, 1, 1);
  video.srcObject = null;
  const [red = 0, green = 0, blue = 0] = context?.getImageData(0, 0, 1, 1).data ?? [];
  return [red, green, blue];
}
