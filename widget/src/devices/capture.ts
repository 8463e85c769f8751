import type { Unsubscribe } from '../call/ports.ts';
import { isDeviceBusy, isDeviceGone } from './device-error.ts';

export type CaptureKind = 'audio' | 'video';

export interface CaptureOptions {
  kind: CaptureKind;
  getUserMedia: (constraints: MediaStreamConstraints) => Promise<MediaStream>;
  /** The track came, went, or was silenced by the system. */
  onChange: () => void;
  /** The device ended by itself: unplugged, or permission withdrawn. */
  onEnded: () => void;
}

/** Good for a tile on a laptop's screen, and for a laptop that encodes it. */
const VIDEO: MediaTrackConstraints = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 30 } };
const AUDIO: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** One microphone or camera. Of several starts and stops the last one counts, and no light stays on for the others. */
export class Capture {
  readonly #options: CaptureOptions;
  #track: MediaStreamTrack | undefined;
  #stopListening: Unsubscribe = () => undefined;
  /** Aborted when a later start or a stop makes the present start pointless. */
  #attempt: AbortController | undefined;

  constructor(options: CaptureOptions) {
    this.#options = options;
  }

  get track(): MediaStreamTrack | undefined {
    return this.#track;
  }

  /**
   * Opens the device, or the default where it is gone, and lets go of the previous one once it is open. Undefined where
   * a later start or a stop came in between, even while the browser still asks. Rejects with what the browser throws.
   */
  async start(deviceId: string): Promise<MediaStreamTrack | undefined> {
    this.#attempt?.abort();
    const attempt = new AbortController();
    this.#attempt = attempt;
    const opening = this.#open(deviceId, attempt.signal);
    const track = await Promise.race([opening, aborted(attempt.signal)]);
    if (track) this.#use(track);
    return track;
  }

  stop(): void {
    this.#attempt?.abort();
    this.#use(undefined);
  }

  async #open(deviceId: string, signal: AbortSignal): Promise<MediaStreamTrack | undefined> {
    let track: MediaStreamTrack;
    try {
      track = await this.#request(deviceId);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (isDeviceBusy(error) && this.#track) {
        // Some browsers open one device of a kind at a time: ours is in the way.
        this.#use(undefined);
        track = await this.#request(deviceId);
      } else if (isDeviceGone(error) && deviceId !== '') track = await this.#request('');
      else throw error;
    }
    if (!signal.aborted) return track;
    track.stop();
    return undefined;
  }

  async #request(deviceId: string): Promise<MediaStreamTrack> {
    const { kind, getUserMedia } = this.#options;
    const constraints = { ...(kind === 'audio' ? AUDIO : VIDEO), ...(deviceId && { deviceId: { exact: deviceId } }) };
    const stream = await getUserMedia({ [kind]: constraints });
    const [track] = stream.getTracks();
    if (!track) throw new DOMException('the stream has no track', 'NotFoundError');
    return track;
  }

  #use(track: MediaStreamTrack | undefined): void {
    if (track === this.#track) return;
    const before = this.#track;
    this.#stopListening();
    this.#stopListening = track ? this.#listen(track) : () => undefined;
    this.#track = track;
    this.#options.onChange();
    before?.stop();
  }

  #listen(track: MediaStreamTrack): Unsubscribe {
    const listening = new AbortController();
    const { signal } = listening;
    track.addEventListener('mute', this.#options.onChange, { signal });
    track.addEventListener('unmute', this.#options.onChange, { signal });
    track.addEventListener(
      'ended',
      () => {
        this.#use(undefined);
        this.#options.onEnded();
      },
      { signal },
    );
    return () => listening.abort();
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}
