import { CallError } from '../call/errors.ts';
import type { Clock, Unsubscribe } from '../call/ports.ts';
import { retryDelay } from './retry-delay.ts';
import type { SfuSession } from './sfu-session.ts';

/** A connection with what runs over it. */
export interface Leg {
  readonly session: SfuSession;
  close(): void;
}

export interface PathEvents {
  /** A replacement began, ended or was given up. */
  onChanged: () => void;
  /** Enough tries failed, or one that no other would improve on. */
  onGivenUp: (error: unknown) => void;
  /** Would trying again come to the same? */
  isHopeless: (error: unknown) => boolean;
}

export interface MediaPathOptions<L extends Leg> extends PathEvents {
  clock: Clock;
  /** 0 to 1, as Math.random. */
  random: () => number;
  /** A new connection, with nothing begun. */
  create: () => L;
  /** Begins the new one on its own. Rejects where that comes to nothing. */
  begin: (next: L) => Promise<void>;
  /** Does the new one carry all that the old one did? Asked at every {@link MediaPath.check}. */
  isReady: (next: L, old: L) => boolean;
  /** The new one has the old one's place. */
  onReplaced: (next: L, old: L) => void;
  /** Nobody uses it any more: to be closed, now or when nobody watches it any longer. */
  discard: (leg: L, isReplaced: boolean) => void;
}

/** After so many tries in a row somebody has to decide. */
const TRIES_MAX = 10;
/** What held for so long starts the count of tries anew. */
const STABLE_MS = 10_000;
/** For one try to connect. The first is given up sooner: its calls may hang on a connection of the network before. */
const FIRST_TRY_MS = 4_000;
const TRY_MS = 8_000;
/** From then on for the rest to follow: a silent person must not hold up all others. */
const FOLLOW_MS = 4_000;
/** Signs that the network is back come several at once. */
const HURRY_SPACING_MS = 1_000;

type Phase<L> =
  | { name: 'steady' }
  /** Broken; `isMendable` where the old connection may come back by itself. */
  | { name: 'waiting' | 'given-up'; isMendable: boolean; cause: unknown }
  | { name: 'trying'; isMendable: boolean; next: L; since: number };

/**
 * One direction of the media. Where its connection breaks, a new one is made beside it and takes its place once it
 * carries the same; until then the old one stays. Whatever a try leaves behind after it was given up reaches nobody.
 */
export class MediaPath<L extends Leg> {
  readonly #options: MediaPathOptions<L>;
  #current: L;
  #phase: Phase<L> = { name: 'steady' };
  #tries = 0;
  #steadySince: number;
  #stopTimer: Unsubscribe | undefined;

  constructor(options: MediaPathOptions<L>) {
    this.#options = options;
    this.#current = options.create();
    this.#steadySince = options.clock.now();
  }

  get current(): L {
    return this.#current;
  }

  /** The one that is to take its place, if any. */
  get next(): L | undefined {
    return this.#phase.name === 'trying' ? this.#phase.next : undefined;
  }

  get legs(): L[] {
    return this.next ? [this.next, this.#current] : [this.#current];
  }

  get state(): 'steady' | 'replacing' | 'given-up' {
    const { name } = this.#phase;
    return name === 'steady' || name === 'given-up' ? name : 'replacing';
  }

  /** The connection of `leg` is of no more use. With `isMendable` its path is dead, and may come to life again. */
  break(leg: L, error: unknown, isMendable = false): void {
    if (leg === this.next) return this.#failTry(error);
    if (leg !== this.#current || this.#phase.name !== 'steady') {
      // Whatever else is wrong with it, its path alone does not mend.
      if (leg === this.#current && !isMendable && 'isMendable' in this.#phase) this.#phase.isMendable = false;
      return;
    }
    if (this.#options.clock.now() - this.#steadySince >= STABLE_MS) this.#tries = 0;
    this.#tryLater(error, isMendable);
  }

  /** The old path is alive again: a try under way is dropped. */
  mend(): void {
    if (!('isMendable' in this.#phase) || !this.#phase.isMendable) return;
    this.#drop();
    this.#settle();
  }

  /** The network is back: no more waiting. */
  hurry(): void {
    const phase = this.#phase;
    if (phase.name === 'given-up') this.#tries = 0;
    if ('cause' in phase) this.#try(phase.cause, phase.isMendable);
    // It was begun over the network that there was before.
    else if (phase.name === 'trying' && phase.next.session.transport !== 'connected') {
      if (this.#options.clock.now() - phase.since < HURRY_SPACING_MS) return;
      this.#drop();
      this.#try(new CallError('media-unreachable'), phase.isMendable);
    }
  }

  /** Something was received, sent or connected. */
  check(): void {
    const { next } = this;
    if (next && this.#options.isReady(next, this.#current)) this.#replace(next);
  }

  /** The transport of a session changed, which may be one of its own. */
  hearTransport(session: SfuSession): void {
    const leg = this.legs.find((leg) => leg.session === session);
    if (!leg) return;
    if (session.transport === 'failed') this.break(leg, new CallError('media-unreachable'));
    else if (session.transport === 'connected' && leg === this.next)
      this.#setTimer(() => this.#replace(leg), FOLLOW_MS);
  }

  close(): void {
    this.#stopTimer?.();
    for (const leg of this.legs) leg.close();
  }

  #tryLater(error: unknown, isMendable: boolean): void {
    const { random, onGivenUp, onChanged, isHopeless } = this.#options;
    if (this.#tries >= TRIES_MAX || isHopeless(error)) {
      this.#stopTimer?.();
      this.#phase = { name: 'given-up', isMendable, cause: error };
      onGivenUp(error);
    } else {
      // Read again once it is time: by then it may be beyond mending.
      const phase = (this.#phase = { name: 'waiting', isMendable, cause: error });
      this.#setTimer(() => this.#try(phase.cause, phase.isMendable), retryDelay(this.#tries, random()));
    }
    onChanged();
  }

  #try(cause: unknown, isMendable: boolean): void {
    const next = this.#options.create();
    this.#tries++;
    this.#phase = { name: 'trying', isMendable, next, since: this.#options.clock.now() };
    this.#setTimer(() => this.#failTry(cause), this.#tries === 1 ? FIRST_TRY_MS : TRY_MS);
    void this.#begin(next);
  }

  async #begin(next: L): Promise<void> {
    try {
      await this.#options.begin(next);
      this.check();
    } catch (error) {
      this.break(next, error);
    }
  }

  #failTry(error: unknown): void {
    const isMendable = 'isMendable' in this.#phase && this.#phase.isMendable;
    this.#drop();
    this.#tryLater(error, isMendable);
  }

  #replace(next: L): void {
    const old = this.#current;
    this.#current = next;
    this.#settle();
    this.#options.onReplaced(next, old);
    this.#options.discard(old, true);
    this.#options.onChanged();
  }

  #drop(): void {
    const { next } = this;
    this.#phase = { name: 'steady' };
    if (next) this.#options.discard(next, false);
  }

  #settle(): void {
    this.#stopTimer?.();
    this.#phase = { name: 'steady' };
    this.#steadySince = this.#options.clock.now();
    this.#options.onChanged();
  }

  #setTimer(run: () => void, delay: number): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#options.clock.setTimeout(run, delay);
  }
}
