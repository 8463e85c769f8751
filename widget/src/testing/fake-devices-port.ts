import { CallError, type CallErrorCode } from '../call/errors.ts';
import type { DevicesEvent, DevicesPort, Unsubscribe } from '../call/ports.ts';
import type { CaptureSource, Device, DeviceKind } from '../call/state.ts';

interface Prompt {
  source: CaptureSource;
  deviceId: string;
  resolve(device: Device | undefined): void;
  reject(error: CallError): void;
}

/**
 * Devices that open when a test says so. Harsher than a good adapter: a device opens even where it was stopped while
 * the prompt was open, so that a forgotten light shows.
 */
export class FakeDevicesPort implements DevicesPort {
  /** Sources whose light is on. */
  readonly lights = new Set<CaptureSource>();
  /** Starts that wait for an answer, oldest first. */
  readonly prompts: Prompt[] = [];
  readonly remembered: Partial<Record<DeviceKind, Device>> = {};
  /** Every start answers at once. */
  isWilling = false;
  muted = false;
  lists: Record<DeviceKind, readonly Device[]> = { microphone: [], camera: [], speaker: [] };
  readonly #listeners = new Set<(event: DevicesEvent) => void>();

  start(source: CaptureSource, deviceId = ''): Promise<Device | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Device | undefined>();
    this.prompts.push({ source, deviceId, resolve, reject });
    if (this.isWilling) this.allow(source);
    return promise;
  }

  stop(source: CaptureSource): void {
    this.lights.delete(source);
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
  }

  async list(): Promise<Record<DeviceKind, readonly Device[]>> {
    return this.lists;
  }

  preferred(kind: DeviceKind): string {
    return this.remembered[kind]?.id ?? '';
  }

  remember(kind: DeviceKind, device: Device): void {
    this.remembered[kind] = device;
  }

  subscribe(listener: (event: DevicesEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The oldest prompt of a source is answered with yes. */
  allow(source: CaptureSource): void {
    const { deviceId, resolve } = this.#take(source);
    this.lights.add(source);
    const id = deviceId || `default-${source}`;
    resolve({ id, label: id });
  }

  refuse(source: CaptureSource, code: CallErrorCode): void {
    this.#take(source).reject(new CallError(code));
  }

  /** The screen picker is closed without a choice. */
  dismiss(source: CaptureSource): void {
    this.#take(source).resolve(undefined);
  }

  unplug(source: CaptureSource): void {
    this.lights.delete(source);
    this.emit({ type: 'ended', source });
  }

  emit(event: DevicesEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #take(source: CaptureSource): Prompt {
    const index = this.prompts.findIndex((prompt) => prompt.source === source);
    if (index < 0) throw new Error(`nothing was asked of the ${source}`);
    return this.prompts.splice(index, 1)[0]!;
  }
}
