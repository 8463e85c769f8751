import { ContextProvider } from '@lit/context';
import type { Source } from '#protocol';
import { initialState, type CallPhase, type CallState, type InCall, type LocalState } from '../call/state.ts';
import type { CallView, MediaView } from '../call/view.ts';
import { callContext } from '../ui/context.ts';

/** A call in whatever state a test puts it, for the elements of `ui/`. It performs no request. */
export class FakeCallView implements CallView {
  state: CallState;
  readonly media = new FakeMediaView();
  readonly #listeners = new Set<() => void>();

  constructor(call?: CallPhase, local: Partial<LocalState> = {}) {
    const initial = initialState('studio');
    this.state = { ...initial, call: call ?? initial.call, local: { ...initial.local, ...local } };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  setLocal(local: Partial<LocalState>): void {
    this.#change({ ...this.state, local: { ...this.state.local, ...local } });
  }

  setPhase(call: CallPhase): void {
    this.#change({ ...this.state, call });
  }

  /** Changes the call that is on. */
  setCall(change: Partial<InCall>): void {
    if (this.state.call.phase !== 'in-call') throw new Error(`no call is on: ${this.state.call.phase}`);
    this.setPhase({ ...this.state.call, ...change });
  }

  /** Makes the elements below `container` read this call. */
  provideTo(container: HTMLElement): void {
    new ContextProvider(container, { context: callContext, initialValue: this }).hostConnected();
  }

  #change(state: CallState): void {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}

export class FakeMediaView implements MediaView {
  readonly sounds = new Map<string, MediaStream>();
  readonly levels = new Map<string, number>();
  readonly #streams = new Map<string, MediaStream>();
  readonly #listeners = new Set<() => void>();

  stream(participantId: string, source: Source): MediaStream | undefined {
    return this.#streams.get(`${participantId}/${source}`);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  level(participantId: string): number {
    return this.levels.get(participantId) ?? 0;
  }

  setStream(participantId: string, source: Source, stream: MediaStream | undefined): void {
    if (stream) this.#streams.set(`${participantId}/${source}`, stream);
    else this.#streams.delete(`${participantId}/${source}`);
    this.changed();
  }

  setSound(key: string, stream: MediaStream | undefined): void {
    if (stream) this.sounds.set(key, stream);
    else this.sounds.delete(key);
    this.changed();
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
