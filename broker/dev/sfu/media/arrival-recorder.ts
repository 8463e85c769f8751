import { sequenceDistance } from '../rtp/sequence.ts';

/** A gap longer than this is not reported as loss: the client started anew. */
const GAP_MAX = 2000;
const PACKETS_MAX = 4000;

export interface ArrivalRun {
  firstSequence: number;
  /** Microseconds; undefined where the packet is missing. */
  arrivals: (number | undefined)[];
}

/** Gathers the arrival times of transport-wide sequence numbers between two feedback packets. */
export class ArrivalRecorder {
  readonly #arrivals = new Map<number, number>();
  #next: number | undefined;

  record(sequence: number, microseconds: number): void {
    this.#arrivals.set(sequence, microseconds);
  }

  /** Everything since the last call, holes included; undefined where nothing came. */
  take(): ArrivalRun | undefined {
    let lowest: number | undefined;
    let highest: number | undefined;
    for (const sequence of this.#arrivals.keys()) {
      if (lowest === undefined || sequenceDistance(sequence, lowest) < 0) lowest = sequence;
      if (highest === undefined || sequenceDistance(sequence, highest) > 0) highest = sequence;
    }
    if (lowest === undefined || highest === undefined) return undefined;
    const gap = this.#next === undefined ? 0 : sequenceDistance(lowest, this.#next);
    const firstSequence = gap > 0 && gap < GAP_MAX ? this.#next! : lowest;
    const count = Math.min(PACKETS_MAX, sequenceDistance(highest, firstSequence) + 1);
    const arrivals = Array.from({ length: count }, (_, index) => this.#arrivals.get((firstSequence + index) & 0xffff));
    this.#arrivals.clear();
    this.#next = (highest + 1) & 0xffff;
    return { firstSequence, arrivals };
  }
}
