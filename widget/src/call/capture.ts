import { CallError, type CallErrorCode } from './errors.ts';
import type { Clock, DevicesPort, Unsubscribe } from './ports.ts';
import type { CaptureSource, CaptureState } from './state.ts';

/** A permission prompt open for this long gets a hint; whoever answers later is still heard. */
export const PROMPT_HINT_MS = 30_000;
/** A device that ends again so soon after it was started anew is not started a third time. */
export const RESTART_WINDOW_MS = 5_000;

export interface CaptureOptions {
  source: CaptureSource;
  devices: DevicesPort;
  clock: Clock;
  report(capture: CaptureState): void;
  /** Something failed that the state of the source alone does not explain. */
  notice(error: CallErrorCode): void;
}

interface Wish {
  on: boolean;
  /** Empty: the remembered or the default device. */
  deviceId: string;
  /** The device to go back to where this one does not open. */
  insteadOf?: string;
}

const OFF: Wish = { on: false, deviceId: '' };

/**
 * One capture source and what is wanted of it. Starts never overlap; whatever is asked while one is under way is done
 * after it, and only the last wish counts.
 */
export class Capture {
  readonly #options: CaptureOptions;
  #wish: Wish = OFF;
  #state: CaptureState = { status: 'off' };
  #muted = false;
  #settling = false;
  #restartedAt = -Infinity;

  constructor(options: CaptureOptions) {
    this.#options = options;
  }

  get state(): CaptureState {
    return this.#state;
  }

  /** Does it capture, or try to? */
  get isWanted(): boolean {
    return this.#wish.on && !this.#muted;
  }

  /** Opens the device, or lets a muted one be heard. */
  start(): void {
    this.#setMuted(false);
    if (!this.#wish.on || this.#state.status === 'failed') this.#want({ on: true, deviceId: '' });
  }

  /** Another device, muted as the present one is. Where none is in use, nothing is opened; one that failed is retried. */
  switchTo(deviceId: string): void {
    if (!this.#wish.on && this.#state.status !== 'failed') return;
    const { state } = this;
    this.#want({ on: true, deviceId, ...('deviceId' in state && { insteadOf: state.deviceId }) });
  }

  stop(): void {
    this.#wish = OFF;
    this.#setMuted(false);
    this.#options.devices.stop(this.#options.source);
    this.#report({ status: 'off' });
  }

  /** Keeps the device and sends silence. A device that is not open yet is not opened for that. */
  mute(): void {
    if (!this.#isCaptured) this.stop();
    else this.#setMuted(true);
  }

  /** The device went away under us: take another, once. A shared screen is simply over. */
  ended(): void {
    if (!this.#wish.on || this.#settling) return;
    if (this.#options.source === 'screen') return this.stop();
    const now = this.#options.clock.now();
    if (now - this.#restartedAt < RESTART_WINDOW_MS) return this.#fail('device-failed');
    this.#restartedAt = now;
    this.#state = { status: 'starting' };
    this.#want({ on: true, deviceId: '' });
  }

  #want(wish: Wish): void {
    this.#wish = wish;
    if (!this.#isCaptured) this.#report({ status: 'starting' });
    void this.#settle();
  }

  get #isCaptured(): boolean {
    return this.#state.status === 'on' || this.#state.status === 'muted';
  }

  async #settle(): Promise<void> {
    if (this.#settling) return;
    this.#settling = true;
    let settled: Wish | undefined;
    while (settled !== this.#wish) {
      settled = this.#wish;
      // A start that was overtaken may have opened its device after the stop that overtook it.
      if (!settled.on) this.#options.devices.stop(this.#options.source);
      else await this.#tryStart(settled);
    }
    this.#settling = false;
  }

  async #tryStart(wish: Wish): Promise<void> {
    const { devices, source } = this.#options;
    const cancelHint = this.#hintLater(wish);
    try {
      const device = await devices.start(source, wish.deviceId || undefined);
      if (wish !== this.#wish) return;
      if (device) this.#captured(device.id, device.label);
      else this.stop();
    } catch (error) {
      if (wish !== this.#wish) return;
      if (wish.insteadOf === undefined) return this.#fail(codeOf(error));
      this.#options.notice(codeOf(error));
      this.#wish = { on: true, deviceId: wish.insteadOf };
    } finally {
      cancelHint();
    }
  }

  #captured(deviceId: string, label: string): void {
    this.#report({ status: this.#muted ? 'muted' : 'on', deviceId, label });
  }

  #fail(error: CallErrorCode): void {
    this.#options.devices.stop(this.#options.source);
    this.#wish = OFF;
    this.#report({ status: 'failed', error });
    this.#options.notice(error);
  }

  #setMuted(muted: boolean): void {
    if (this.#muted === muted) return;
    this.#muted = muted;
    this.#options.devices.setMuted(muted);
    if (this.#state.status === 'on' || this.#state.status === 'muted')
      this.#captured(this.#state.deviceId, this.#state.label);
  }

  /** No hint for the screen: its picker is meant to be looked at. */
  #hintLater(wish: Wish): Unsubscribe {
    if (this.#options.source === 'screen') return () => {};
    return this.#options.clock.setTimeout(() => {
      if (wish === this.#wish && !this.#isCaptured) this.#report({ status: 'failed', error: 'device-unanswered' });
    }, PROMPT_HINT_MS);
  }

  #report(state: CaptureState): void {
    this.#state = state;
    this.#options.report(state);
  }
}

function codeOf(error: unknown): CallErrorCode {
  return error instanceof CallError ? error.code : 'device-failed';
}
