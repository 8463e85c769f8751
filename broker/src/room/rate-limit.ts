import { setNewest } from './newest.ts';

/** More keys than this are not kept apart: the one unused for longest starts anew. */
const KEYS_MAX = 2_000;

/**
 * A token bucket for each key. In memory only: a room that was put to sleep has been quiet for about as long as a bucket
 * takes to fill.
 */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, { level: number; at: number }>();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** False where it is too much. `now` is in milliseconds. */
  take(key: string, now: number): boolean {
    const { level, at } = this.#buckets.get(key) ?? { level: this.#burst, at: now };
    const filled = Math.min(this.#burst, level + (Math.max(0, now - at) / 1000) * this.#perSecond);
    const isTaken = filled >= 1;
    setNewest(this.#buckets, key, { level: isTaken ? filled - 1 : filled, at: now }, KEYS_MAX);
    return isTaken;
  }
}

/** What one participant may ask of a room. */
export class Limits {
  /** Joins and new sessions, by `sub`: each may cost the SFU two sessions. */
  readonly visits = new RateLimit(0.5, 6);
  /** Socket messages, by connection: each may go out to everybody. */
  readonly messages = new RateLimit(20, 40);
  /** By `sub`, as are reactions. */
  readonly chat = new RateLimit(1, 5);
  readonly reactions = new RateLimit(3, 5);
  /** What a backend asks, by the `sub` of its token. */
  readonly commands = new RateLimit(5, 50);
}
