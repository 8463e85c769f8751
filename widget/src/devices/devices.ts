import type { Source } from '#protocol';
import { CallError } from '../call/errors.ts';
import type { DevicesEvent, DevicesPort, Unsubscribe } from '../call/ports.ts';
import type { CaptureSource, Device, DeviceKind } from '../call/state.ts';
import { Capture } from './capture.ts';
import { toDeviceError } from './device-error.ts';
import { readDeviceList, type DeviceLists } from './device-list.ts';
import { LevelMeter } from './level-meter.ts';
import { Preferences, pageStorage } from './preferences.ts';
import { ScreenCapture } from './screen-capture.ts';

export interface DevicesOptions {
  /** Undefined on an insecure page, where browsers hide it. */
  mediaDevices: MediaDevices | undefined;
  storage?: Storage | undefined;
  process?: ProcessTrack;
}

/** An effect of the page's on a microphone or camera: gives the track to use in place of the device's own. */
export type ProcessTrack = (
  track: MediaStreamTrack,
  source: 'microphone' | 'camera',
) => MediaStreamTrack | Promise<MediaStreamTrack>;

/**
 * Camera, microphone and screen. A light is on only while a device is wanted: whatever was opened for a start that was
 * overtaken is released at once.
 */
export class Devices implements DevicesPort {
  readonly #mediaDevices: MediaDevices | undefined;
  readonly #preferences: Preferences;
  readonly #microphone: Capture;
  readonly #camera: Capture;
  readonly #screen: ScreenCapture;
  readonly #listeners = new Set<(event: DevicesEvent) => void>();
  readonly #trackListeners = new Set<() => void>();
  readonly #closing = new AbortController();
  readonly #streams = new Map<Source, MediaStream>();
  #lists: DeviceLists = { microphone: [], camera: [], speaker: [] };
  #isMuted = false;
  #meter: LevelMeter | undefined;

  constructor({ mediaDevices, storage = pageStorage(), process = (track) => track }: DevicesOptions) {
    this.#mediaDevices = mediaDevices;
    this.#preferences = new Preferences(storage);
    const capture = (kind: 'audio' | 'video', source: 'microphone' | 'camera') =>
      new Capture({
        kind,
        getUserMedia: (constraints) => this.#present().getUserMedia(constraints),
        process: (track) => process(track, source),
        onChange: () => this.#onTracksChanged(),
        onEnded: () => this.#emit({ type: 'ended', source }),
      });
    this.#microphone = capture('audio', 'microphone');
    this.#camera = capture('video', 'camera');
    this.#screen = new ScreenCapture({
      getDisplayMedia: (options) => this.#present().getDisplayMedia(options),
      onChange: () => this.#onTracksChanged(),
      onEnded: () => this.#emit({ type: 'ended', source: 'screen' }),
    });
    mediaDevices?.addEventListener('devicechange', () => this.#emit({ type: 'list-changed' }), {
      signal: this.#closing.signal,
    });
  }

  async start(source: CaptureSource, deviceId?: string): Promise<Device | undefined> {
    try {
      const track = await this.#start(source, deviceId);
      return track && { id: track.getSettings().deviceId ?? '', label: track.label };
    } catch (error) {
      throw toDeviceError(error);
    }
  }

  stop(source: CaptureSource): void {
    if (source === 'screen') this.#screen.stop();
    else this.#captureOf(source).stop();
  }

  setMuted(muted: boolean): void {
    if (this.#isMuted === muted) return;
    this.#isMuted = muted;
    this.#onTracksChanged();
  }

  async list(): Promise<DeviceLists> {
    this.#lists = readDeviceList((await this.#mediaDevices?.enumerateDevices()) ?? []);
    return this.#lists;
  }

  preferred(kind: DeviceKind): string {
    return this.#preferences.find(kind, this.#lists[kind]);
  }

  remember(kind: DeviceKind, device: Device): void {
    this.#preferences.remember(kind, device);
  }

  subscribe(listener: (event: DevicesEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The track captured now; undefined while the source is off. */
  track(source: Source): MediaStreamTrack | undefined {
    switch (source) {
      case 'microphone':
        return this.#microphone.track;
      case 'camera':
        return this.#camera.track;
      case 'screen':
        return this.#screen.picture;
      case 'screen-audio':
        return this.#screen.sound;
    }
  }

  /** True where nothing of the source is to be seen or heard: off, silenced here, or taken away by the system. */
  isMuted(source: Source): boolean {
    const track = this.track(source);
    if (!track) return true;
    // A shared screen that stands still may count as muted, and is still worth looking at.
    return source === 'microphone' || source === 'camera' ? !track.enabled || track.muted : false;
  }

  /** A stream of the captured track, for a preview; the same object for as long as the track is. */
  stream(source: Source): MediaStream | undefined {
    const track = this.track(source);
    const known = this.#streams.get(source);
    if (!track || known?.getTracks()[0] === track) return track && known;
    const stream = new MediaStream([track]);
    this.#streams.set(source, stream);
    return stream;
  }

  /** How loud my microphone is now, muted or not, 0 to 1; it costs something only while it is asked for. */
  level(): number {
    const { track } = this.#microphone;
    if (!track) return 0;
    if (this.#meter?.track !== track) {
      this.#meter?.close();
      this.#meter = new LevelMeter(track);
    }
    return this.#meter.read();
  }

  /** Called after each change of a track or of what is muted. */
  subscribeTracks(listener: () => void): Unsubscribe {
    this.#trackListeners.add(listener);
    return () => this.#trackListeners.delete(listener);
  }

  /** Every device released, every listener removed. */
  close(): void {
    this.#closing.abort();
    for (const source of ['microphone', 'camera', 'screen'] as const) this.stop(source);
    this.#listeners.clear();
    this.#trackListeners.clear();
  }

  #start(source: CaptureSource, deviceId: string | undefined): Promise<MediaStreamTrack | undefined> {
    if (source === 'screen') return this.#screen.start();
    return this.#captureOf(source).start(deviceId ?? this.preferred(source));
  }

  #captureOf(source: 'microphone' | 'camera'): Capture {
    return source === 'microphone' ? this.#microphone : this.#camera;
  }

  #present(): MediaDevices {
    if (this.#mediaDevices) return this.#mediaDevices;
    throw new CallError('insecure-page', 'the browser shows no media devices to this page');
  }

  #onTracksChanged(): void {
    const { track } = this.#microphone;
    if (track) track.enabled = !this.#isMuted;
    if (this.#meter && this.#meter.track !== track) {
      this.#meter.close();
      this.#meter = undefined;
    }
    for (const listener of this.#trackListeners) listener();
  }

  #emit(event: DevicesEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
