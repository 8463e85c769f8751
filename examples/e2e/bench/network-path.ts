import { setTimeout as wait } from 'node:timers/promises';

/** The way between clients and all servers, for calls and media alike. */
export class NetworkPath {
  /** Added to each round trip, in milliseconds, half of it each way. */
  roundTripMs = 0;

  async halfTrip(): Promise<void> {
    if (this.roundTripMs > 0) await wait(this.roundTripMs / 2);
  }
}

/** What travels one way, later and in order. */
export class DelayLine<T> {
  readonly #path: NetworkPath;
  readonly #deliver: (item: T) => void;
  readonly #waiting: { item: T; due: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(path: NetworkPath, deliver: (item: T) => void) {
    this.#path = path;
    this.#deliver = deliver;
  }

  push(item: T): void {
    const delay = this.#path.roundTripMs / 2;
    if (delay === 0 && this.#waiting.length === 0) return this.#deliver(item);
    this.#waiting.push({ item, due: performance.now() + delay });
    this.#timer ??= this.#wake();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #wake(): NodeJS.Timeout {
    return setTimeout(() => this.#deliverDue(), Math.max(0, this.#waiting[0]!.due - performance.now()));
  }

  #deliverDue(): void {
    // A timer may fire a fraction of a millisecond early.
    const now = performance.now() + 0.5;
    while (this.#waiting.length > 0 && this.#waiting[0]!.due <= now) this.#deliver(this.#waiting.shift()!.item);
    this.#timer = this.#waiting.length > 0 ? this.#wake() : undefined;
  }
}
