import type { Clock, Unsubscribe } from '../call/ports.ts';
import { NOTHING_RECEIVED, hasArrived, readInbound } from './inbound.ts';
import type { Pull } from './pull.ts';
import type { SfuSession } from './sfu-session.ts';

const POLL_MS = 50;
/** The SFU said yes, and nothing came. */
const DEADLINE_MS = 6_000;

export interface ArrivalWatchOptions {
  session: SfuSession;
  clock: Clock;
  pulls: () => Iterable<Pull>;
  onArrived: (pull: Pull) => void;
  onStalled: (pull: Pull) => void;
}

/** Waits for the first media of each track that was put into a slot. Runs only while there is one. */
export class ArrivalWatch {
  readonly #options: ArrivalWatchOptions;
  #stopTimer: Unsubscribe | undefined;
  #isLooking = false;
  #connectedAt: number | undefined;

  constructor(options: ArrivalWatchOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stopTimer ?? this.#isLooking) return;
    this.#stopTimer = this.#options.clock.setTimeout(() => void this.#look(), POLL_MS);
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  async #look(): Promise<void> {
    const { session, clock, pulls } = this.#options;
    this.#stopTimer = undefined;
    this.#isLooking = true;
    const inbound = await readInbound(session.peer);
    this.#isLooking = false;
    if (session.queue.signal.aborted) return;

    if (session.transport === 'connected') this.#connectedAt ??= clock.now();
    const now = clock.now();
    let isWaiting = false;
    for (const pull of pulls()) {
      if (pull.phase.name !== 'settling') continue;
      const { slot, since } = pull.phase;
      const received = inbound.get(slot.transceiver.mid ?? '') ?? NOTHING_RECEIVED;
      if (hasArrived(slot.kind, slot.before, received, now - since)) this.#options.onArrived(pull);
      else if (this.#connectedAt !== undefined && now - Math.max(since, this.#connectedAt) > DEADLINE_MS)
        this.#options.onStalled(pull);
      else isWaiting = true;
    }
    if (isWaiting) this.start();
  }
}
