import { TRACKS_PER_CALL_MAX } from '#protocol';

/** Sections of a session that nobody may use any more and that the SFU has still to be told to close. */
export interface Closing {
  sfuId: string;
  mids: readonly string[];
  attempts: number;
  dueAt: number;
}

const RETRY_FIRST_MS = 5_000;
const ATTEMPTS_MAX = 5;

/** What is still to be closed, by the SFU's session id. The map is the caller's; entries are replaced whole. */
export class Closings {
  readonly #map: Map<string, Closing>;

  constructor(map: Map<string, Closing>) {
    this.#map = map;
  }

  add(sfuId: string, mids: readonly string[], now: number): void {
    if (mids.length === 0) return;
    const known = this.#map.get(sfuId)?.mids ?? [];
    this.#map.set(sfuId, { sfuId, mids: [...new Set([...known, ...mids])], attempts: 0, dueAt: now });
  }

  /** What is to be closed now, one call's worth each. A retry is booked before the attempt, the last one gives up. */
  takeDue(now: number): Closing[] {
    const due = [...this.#map.values()].filter((closing) => closing.dueAt <= now);
    for (const { sfuId, mids, attempts } of due) {
      const dueAt = now + RETRY_FIRST_MS * 2 ** attempts;
      if (attempts < ATTEMPTS_MAX) this.#map.set(sfuId, { sfuId, mids, attempts: attempts + 1, dueAt });
      else this.#map.delete(sfuId);
    }
    return due
      .filter(({ sfuId }) => this.#map.has(sfuId))
      .map((closing) => ({ ...closing, mids: closing.mids.slice(0, TRACKS_PER_CALL_MAX) }));
  }

  /** These sections are closed at the SFU. */
  done(sfuId: string, mids: readonly string[], now: number): void {
    const closing = this.#map.get(sfuId);
    if (!closing || mids.length === 0) return;
    const left = closing.mids.filter((mid) => !mids.includes(mid));
    if (left.length === 0) this.#map.delete(sfuId);
    else this.#map.set(sfuId, { ...closing, mids: left, dueAt: now });
  }

  nextDue(): number {
    return Math.min(...[...this.#map.values()].map((closing) => closing.dueAt));
  }
}
