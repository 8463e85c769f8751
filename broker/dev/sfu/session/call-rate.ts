const WINDOW_MS = 1_000;

/** Counts calls in a sliding second. */
export class CallRate {
  readonly #max: number;
  #times: number[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** False where this call is one too many; it does not count then. */
  admit(now: number): boolean {
    this.#times = this.#times.filter((time) => now - time < WINDOW_MS);
    if (this.#times.length >= this.#max) return false;
    this.#times.push(now);
    return true;
  }
}
