import type { Unsubscribe } from '../call/ports.ts';
import { toDeviceError } from './device-error.ts';

export type CaptureKind = 'audio' | 'video';

export interface CaptureOptions {
  kind: CaptureKind;
  getUserMedia: (constraints: MediaStreamConstraints) => Promise<MediaStream>;
  /** The track to use in place of a device's own: an effect. What it throws fails the start. */
  process: (track: MediaStreamTrack) => MediaStreamTrack | Promise<MediaStreamTrack>;
  /** The track came, went, or was silenced by the system. */
  onChange: () => void;
  /** The device ended by itself: unplugged, or permission withdrawn. */
  onEnded: () => void;
}

/** Good for a tile on a laptop's screen, and for a laptop that encodes it. */
const VIDEO: MediaTrackConstraints = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 30 } };
const AUDIO: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** A device's track, and what is used of it: the same where there is no effect. */
interface Captured {
  device: MediaStreamTrack;
  used: MediaStreamTrack;
}

/** One microphone or camera. Of several starts and stops the last one counts, and no light stays on for the others. */
export class Capture {
  readonly #options: CaptureOptions;
  #captured: Captured | undefined;
  #stopListening: Unsubscribe = () => undefined;
  /** Aborted when a later start or a stop makes the present start pointless. */
  #attempt: AbortController | undefined;

  constructor(options: CaptureOptions) {
    this.#options = options;
  }

  get track(): MediaStreamTrack | undefined {
    return this.#captured?.used;
  }

  /**
   * Opens the device, or the default where it is gone or another app has it, and lets go of the previous one once it is
   * open. Undefined where a later start or a stop came in between, even while the browser still asks. Gives the device's own
   * track, to tell which it is. Rejects with what the browser throws: of a change to a device that is busy, too.
   */
  async start(deviceId: string): Promise<MediaStreamTrack | undefined> {
    this.#attempt?.abort();
    const attempt = new AbortController();
    this.#attempt = attempt;
    const opening = this.#open(deviceId, attempt.signal);
    const captured = await Promise.race([opening, aborted(attempt.signal)]);
    if (captured) this.#use(captured);
    return captured?.device;
  }

  stop(): void {
    this.#attempt?.abort();
    this.#use(undefined);
  }

  async #open(deviceId: string, signal: AbortSignal): Promise<Captured | undefined> {
    let track: MediaStreamTrack;
    try {
      track = await this.#request(deviceId);
    } catch (error) {
      if (signal.aborted) return undefined;
      const { code } = toDeviceError(error);
      if (code === 'device-busy' && this.#captured) {
        // Some browsers open one device of a kind at a time, as Firefox does with microphones: ours is in the way.
        this.#use(undefined);
        track = await this.#request(deviceId);
      } else if (deviceId !== '' && (code === 'device-missing' || code === 'device-busy')) {
        track = await this.#request('');
      } else throw error;
    }
    const used = await this.#process(track);
    if (!signal.aborted) return { device: track, used };
    stop({ device: track, used });
    return undefined;
  }

  async #process(track: MediaStreamTrack): Promise<MediaStreamTrack> {
    try {
      return await this.#options.process(track);
    } catch (error) {
      // Never the track as it is: an effect may be there to hide something.
      track.stop();
      throw error;
    }
  }

  async #request(deviceId: string): Promise<MediaStreamTrack> {
    const { kind, getUserMedia } = this.#options;
    const constraints = { ...(kind === 'audio' ? AUDIO : VIDEO), ...(deviceId && { deviceId: { exact: deviceId } }) };
    const stream = await getUserMedia({ [kind]: constraints });
    const [track] = stream.getTracks();
    if (!track) throw new DOMException('the stream has no track', 'NotFoundError');
    return track;
  }

  #use(captured: Captured | undefined): void {
    if (captured?.device === this.#captured?.device) return;
    const before = this.#captured;
    this.#stopListening();
    this.#stopListening = captured ? this.#listen(captured.device) : () => undefined;
    this.#captured = captured;
    this.#options.onChange();
    if (before) stop(before);
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

function stop({ device, used }: Captured): void {
  device.stop();
  used.stop();
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}
