import { PREPARED_LIFETIME_MS, type Source } from '#protocol';
import { CallError } from './errors.ts';
import type { Clock, ExchangeOffers, PreparedMedia, SfuPort, Unsubscribe } from './ports.ts';

/** What is left of the time is for the join's own way to the broker. */
export const USABLE_MS = PREPARED_LIFETIME_MS - 10_000;

interface Prepared {
  /** What the publishing offer has sections for, once that is known. */
  sources?: readonly Source[];
  media: Promise<PreparedMedia>;
}

/** Connections and their offers, made ready before a join needs them. */
export class Preparation {
  readonly #sfu: SfuPort;
  readonly #clock: Clock;
  #prepared: Prepared | undefined;
  #stopTimer: Unsubscribe = () => {};

  constructor(sfu: SfuPort, clock: Clock) {
    this.#sfu = sfu;
    this.#clock = clock;
  }

  get isBegun(): boolean {
    return this.#prepared !== undefined;
  }

  get sources(): readonly Source[] | undefined {
    return this.#prepared?.sources;
  }

  /** What there is, where it is of use and for the same sources; else it is made anew. */
  prepare(sources: readonly Source[]): Promise<PreparedMedia> {
    this.#stopTimer();
    if (this.#prepared && this.sources?.join() === sources.join() && !this.#sfu.isStale) return this.#prepared.media;
    this.discard();
    return this.#hold({ sources, media: this.#offer(sources) });
  }

  /** Connects first, so that a join finds all of that done. What cannot be connected is offered all the same. */
  warm(reading: Promise<readonly Source[]>, exchange: ExchangeOffers): void {
    const assertHeld = () => {
      if (this.#prepared !== prepared) throw new Error('discarded');
    };
    const connect = async (sources: readonly Source[]) => {
      assertHeld();
      prepared.sources = sources;
      await this.#sfu.connect(sources, exchange).catch(() => {});
      assertHeld();
      return this.#offer(sources);
    };
    const prepared: Prepared = { media: reading.then(connect) };
    this.#stopTimer = this.#clock.setTimeout(() => this.discard(), USABLE_MS);
    void this.#hold(prepared);
  }

  /** Closes what is not needed. */
  discard(): void {
    if (!this.#prepared) return;
    this.forget();
    this.#sfu.close();
  }

  /** Somebody else has it now, or has closed it. */
  forget(): void {
    this.#stopTimer();
    this.#prepared = undefined;
  }

  #offer(sources: readonly Source[]): Promise<PreparedMedia> {
    return this.#sfu.prepare(sources).catch((error: unknown) => {
      throw new CallError('unsupported-browser', String(error), { cause: error });
    });
  }

  #hold(prepared: Prepared): Promise<PreparedMedia> {
    // A failure shows where the result is awaited.
    prepared.media.catch(() => {});
    this.#prepared = prepared;
    return prepared.media;
  }
}
