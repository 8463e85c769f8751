import type { Clock, Unsubscribe } from '../call/ports.ts';

interface Timer {
  at: number;
  run: () => void;
}

/** A clock that stands still until a test advances it. */
export class FakeClock implements Clock {
  #now = 1_000_000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  setTimeout(run: () => void, delay: number): Unsubscribe {
    const timer = { at: this.#now + delay, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers are pending: none may be left by what has ended. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Runs what falls due, in order, and lets the promises in between settle. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settle();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** The machine sleeps: time goes by and no timer runs before it wakes. */
  async sleep(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    await this.advance(0);
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}

/** After all promises that can settle now. A browser has no `setImmediate`, and its timers take a millisecond. */
const later: (run: () => void) => void = globalThis.setImmediate ?? globalThis.setTimeout;

/** Lets every promise that can settle now do so. */
export async function settle(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  later(resolve);
  await promise;
}
