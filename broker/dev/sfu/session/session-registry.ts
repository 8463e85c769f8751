import { refusal } from '../api/api-error.ts';
import { TICK_MS, type Timings } from '../timings.ts';
import type { Engine } from '../transport/raw-transport.ts';
import { SfuSession } from './sfu-session.ts';

/** All sessions of the app. One that is closed is forgotten: to a caller it is the same as one that never was. */
export class SessionRegistry {
  readonly timings: Timings;
  readonly #engine: Engine;
  readonly #sessions = new Map<string, SfuSession>();
  readonly #ticker: NodeJS.Timeout;

  constructor(engine: Engine, timings: Timings) {
    this.#engine = engine;
    this.timings = timings;
    this.#ticker = setInterval(() => {
      const now = performance.now();
      for (const session of this.#sessions.values()) session.tick(now);
    }, TICK_MS);
  }

  create(): SfuSession {
    const session = new SfuSession(this.#engine, this.timings);
    this.#sessions.set(session.id, session);
    session.addEventListener('statechange', () => {
      if (session.state === 'closed') this.#sessions.delete(session.id);
    });
    return session;
  }

  find(id: string): SfuSession | undefined {
    return this.#sessions.get(id);
  }

  all(): SfuSession[] {
    return [...this.#sessions.values()];
  }

  /** Throws 410 where the session is gone, or was never there. */
  get(id: string): SfuSession {
    const session = this.#sessions.get(id);
    if (!session) throw refusal.gone();
    return session;
  }

  close(): void {
    clearInterval(this.#ticker);
    for (const session of this.#sessions.values()) session.close();
  }
}
