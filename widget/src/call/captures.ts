import type { PublishGrant } from '#protocol';
import { Capture } from './capture.ts';
import type { CallErrorCode } from './errors.ts';
import type { Clock, DevicesEvent, DevicesPort, Unsubscribe } from './ports.ts';
import { covers } from './select.ts';
import type { CallStore } from './store.ts';
import type { CaptureSource, DeviceKind } from './state.ts';

const SOURCES = ['microphone', 'camera', 'screen'] as const satisfies readonly CaptureSource[];

export interface CapturesOptions {
  devices: DevicesPort;
  store: CallStore;
  clock: Clock;
}

/** Microphone, camera and screen: what people ask of them, and what a call's phases mean to them. */
export class Captures {
  readonly #devices: DevicesPort;
  readonly #store: CallStore;
  readonly #captures: Readonly<Record<CaptureSource, Capture>>;
  readonly #unsubscribe: Unsubscribe;
  /** What was sending when everything was released: the way back to the lobby starts it again. */
  #released: readonly CaptureSource[] = [];

  constructor({ devices, store, clock }: CapturesOptions) {
    this.#devices = devices;
    this.#store = store;
    const capture = (source: CaptureSource) =>
      new Capture({
        source,
        devices,
        clock,
        report: (state) => this.#report(source, state),
        notice: (notice) => this.#notice(notice),
      });
    this.#captures = { microphone: capture('microphone'), camera: capture('camera'), screen: capture('screen') };
    this.#unsubscribe = devices.subscribe((event) => this.#hear(event));
    store.dispatch({ type: 'speaker-chosen', id: devices.preferred('speaker') });
    void this.#list();
  }

  /** Switches a source on, or off: in a call the microphone is muted and stays open, everything else is released. */
  set(source: CaptureSource, on: boolean): void {
    const { phase } = this.#store.state.call;
    const capture = this.#captures[source];
    if (!on && source === 'microphone' && phase !== 'lobby' && phase !== 'waiting') capture.mute();
    else if (!on) capture.stop();
    else if (phase === 'left' || phase === 'failed') return;
    else if (source === 'screen' && phase !== 'in-call') return;
    else if (this.#isGranted(source)) capture.start();
    else this.#store.dispatch({ type: 'noticed', notice: 'not-allowed' });
  }

  choose(kind: DeviceKind, id: string): void {
    const device = this.#store.state.local.devices[kind].find((known) => known.id === id) ?? { id, label: '' };
    this.#devices.remember(kind, device);
    if (kind === 'speaker') this.#store.dispatch({ type: 'speaker-chosen', id });
    else this.#captures[kind].switchTo(id);
  }

  /** The broker has told what I may publish: what I may not, or no longer, is released. */
  restrict(publish: readonly PublishGrant[]): void {
    for (const source of SOURCES)
      if (!covers(publish, source) && this.#captures[source].state.status !== 'off') this.#captures[source].stop();
  }

  /** Everything off, every light out. */
  release(): void {
    this.#released = SOURCES.filter((source) => source !== 'screen' && this.#captures[source].isWanted);
    for (const source of SOURCES) this.#captures[source].stop();
  }

  /** Starts again what `release` stopped. */
  restore(): void {
    const sources = this.#released;
    this.#released = [];
    for (const source of sources) this.#captures[source].start();
  }

  close(): void {
    this.release();
    this.#unsubscribe();
  }

  #isGranted(source: CaptureSource): boolean {
    const { call } = this.#store.state;
    return call.phase !== 'in-call' || covers(call.grants.publish, source);
  }

  #report(source: CaptureSource, state: Capture['state']): void {
    this.#store.dispatch({ type: 'captured', source, capture: state });
    // Browsers tell the names of devices only once one has been opened.
    if (state.status === 'on') void this.#list();
  }

  /** In the lobby the preview itself says what failed. */
  #notice(notice: CallErrorCode): void {
    if (this.#store.state.call.phase === 'in-call') this.#store.dispatch({ type: 'noticed', notice });
  }

  #hear(event: DevicesEvent): void {
    if (event.type === 'list-changed') void this.#list();
    else this.#captures[event.source].ended();
  }

  async #list(): Promise<void> {
    try {
      this.#store.dispatch({ type: 'devices-listed', devices: await this.#devices.list() });
    } catch {
      // Without a list there is nothing to choose from, and the default devices still work.
    }
  }
}
