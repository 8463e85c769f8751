import type { Unsubscribe } from './ports.ts';
import { reduce, type CallFact } from './reduce.ts';
import { initialState, type CallState } from './state.ts';

/** Holds the one state of a call. Facts come in by `dispatch`; everybody else reads and listens. */
export class CallStore {
  #state: CallState;
  readonly #listeners = new Set<() => void>();

  constructor(room: string) {
    this.#state = initialState(room);
  }

  get state(): CallState {
    return this.#state;
  }

  /** Listeners hear only of real changes: a fact that says nothing new leaves the snapshot as it is. */
  dispatch(fact: CallFact): void {
    const next = reduce(this.#state, fact);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
