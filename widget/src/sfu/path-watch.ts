import { BrokerError, type SfuApi } from '../call/ports.ts';
import { PathHealth, type PathOptions, type PathVerdict } from './path-health.ts';
import type { SfuSession } from './sfu-session.ts';
import { deriveFlow, readStats, type Flow, type Reading } from './stats.ts';

export interface Look extends PathVerdict {
  reading: Reading;
  /** What went over it since the last look; undefined for the first. */
  flow: Flow | undefined;
  /** Bytes received since the last look, by mid. */
  received: ReadonlyMap<string, number>;
}

/** Looks at one session's connection: one report each time, for its statistics and for its health. */
export class PathWatch {
  readonly session: SfuSession;
  readonly #options: PathOptions;
  readonly #health: PathHealth;
  #reading: Reading | undefined;

  constructor(session: SfuSession, options: PathOptions) {
    this.session = session;
    this.#options = options;
    this.#health = new PathHealth(options);
  }

  get isGone(): boolean {
    return this.#health.isGone;
  }

  /** The watch of the session that is in use now. */
  following(session: SfuSession): PathWatch {
    return session === this.session ? this : new PathWatch(session, this.#options);
  }

  wake(now: number): void {
    this.#health.wake(now);
  }

  /** `senders`: how many should be heard on it now. */
  async look(now: number, senders: number): Promise<Look> {
    const { peer, transport } = this.session;
    const before = this.#reading;
    const reading = readStats(await peer.getStats(), before);
    this.#reading = reading;
    const { silence, answers, slots } = reading;
    return {
      ...this.#health.look({ transport, silence, answers, senders }, now),
      reading,
      flow: before && deriveFlow(before, reading),
      received: new Map(
        [...slots].map(([mid, bytes]) => [mid, Math.max(0, bytes - (before?.slots.get(mid) ?? 0))] as const),
      ),
    };
  }

  /** Asks the SFU whether the session has ended. No answer is the broker's trouble, and no sign of anything. */
  async probe(api: SfuApi): Promise<boolean> {
    try {
      await api.getSession(this.session.id);
    } catch (error) {
      if (error instanceof BrokerError && error.status === 410) this.#health.isGone = true;
    }
    return this.isGone;
  }
}
