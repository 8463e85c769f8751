import { TOKEN_LEEWAY_SECONDS, TOKEN_MAX_LIFETIME_SECONDS, type RoomTokenClaims } from '#protocol';
import { setNewest } from './newest.ts';

/** Somebody who was removed: tokens for this `sub` that were minted until then open nothing any more. */
export interface Denial {
  /** As in tokens, in seconds. */
  notAfter: number;
  /** Milliseconds since the epoch. No token of before is good for longer. */
  until: number;
}

const LIFETIME_MS = (TOKEN_MAX_LIFETIME_SECONDS + 2 * TOKEN_LEEWAY_SECONDS) * 1000;
/** One room forgets the oldest of more than this. */
const DENIALS_MAX = 10_000;

/** Stands for everybody; no `sub` can be spelled so. */
const EVERYBODY = '*';

/** Who was removed, by `sub`: however a token is spelled, its `sub` and `iat` are the same. The map is the caller's. */
export class Denials {
  readonly #map: Map<string, Denial>;

  constructor(map: Map<string, Denial>) {
    this.#map = map;
  }

  /** `iat` is that of the token in use, which may be ahead of this clock. */
  add(sub: string, iat: number, now: number): void {
    const denial = { notAfter: Math.max(iat, Math.floor(now / 1000)), until: now + LIFETIME_MS };
    setNewest(this.#map, sub, denial, DENIALS_MAX);
  }

  has({ sub, iat }: Pick<RoomTokenClaims, 'sub' | 'iat'>): boolean {
    const denial = this.#map.get(sub);
    return denial !== undefined && iat <= denial.notAfter;
  }

  /** The minutes of a call are over: tokens of before that limit them open no new one. */
  addAll(iat: number, now: number): void {
    this.add(EVERYBODY, iat, now);
  }

  hasRunOut({ iat, limits }: RoomTokenClaims): boolean {
    return limits.minutes !== undefined && this.has({ sub: EVERYBODY, iat });
  }

  expire(now: number): void {
    for (const [sub, { until }] of this.#map) if (until <= now) this.#map.delete(sub);
  }

  nextDue(): number {
    return Math.min(...[...this.#map.values()].map(({ until }) => until));
  }
}
