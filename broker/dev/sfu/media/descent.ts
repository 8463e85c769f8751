import { LOSS_CALM, LOSS_HEAVY, RISE_AFTER_MAX_MS } from '../timings.ts';

/** Two in a row: one bad second is no reason to change the picture. */
const HEAVY_REPORTS = 2;

/** How many layers below the wanted one a subscriber's path carries, judged by the loss that its client reports. */
export class Descent {
  #steps = 0;
  #heavy = 0;
  #calmSince = 0;
  #riseAfterMs: number;

  constructor(riseAfterMs: number) {
    this.#riseAfterMs = riseAfterMs;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Takes a report; `lost` is a share from 0 to 1. `stepsMax`: so many layers there are below. */
  report(lost: number, now: number, stepsMax: number): void {
    if (lost >= LOSS_HEAVY) this.#reportHeavy(stepsMax);
    else if (lost > LOSS_CALM) this.#heavy = 0;
    else this.#reportCalm(now);
    if (lost > LOSS_CALM) this.#calmSince = now;
  }

  #reportHeavy(stepsMax: number): void {
    this.#heavy += 1;
    if (this.#heavy < HEAVY_REPORTS || this.#steps >= stepsMax) return;
    this.#heavy = 0;
    this.#steps += 1;
    // Each time it was too much, it is longer until the next try.
    this.#riseAfterMs = Math.min(this.#riseAfterMs * 2, RISE_AFTER_MAX_MS);
  }

  #reportCalm(now: number): void {
    this.#heavy = 0;
    if (this.#steps === 0 || now - this.#calmSince < this.#riseAfterMs) return;
    this.#steps -= 1;
    this.#calmSince = now;
  }
}
