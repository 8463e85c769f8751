import type { Quality } from '../call/media-stats.ts';

/** What a person notices. */
export interface Experience {
  /** Lost packets, the worse of the two directions, 0 to 1. */
  loss: number;
  /** Milliseconds. */
  rtt: number;
  /** A picture stood still. */
  froze: boolean;
}

/** From best to worst: up to so much loss and delay. */
const LIMITS: readonly (readonly [quality: Quality, loss: number, rtt: number])[] = [
  [4, 0.02, 250],
  [3, 0.05, 400],
  [2, 0.1, 800],
];
const QUALITY_AFTER_FREEZE: Quality = 2;
const READINGS_DOWN = 2;
const READINGS_UP = 3;

/** The quality of a connection, which one bad moment does not change and one good moment does not mend. */
export class QualityMeter {
  #recent: Quality[] = [];
  #quality: Quality = 4;

  get quality(): Quality {
    return this.#quality;
  }

  /** Takes one reading; undefined: nothing comes through at all, which counts at once. */
  read(experience: Experience | undefined): void {
    if (!experience) {
      this.#quality = 0;
      return;
    }
    this.#recent = [rate(experience), ...this.#recent].slice(0, READINGS_UP);
    const [last, before] = this.#recent;
    const down = this.#recent.slice(0, READINGS_DOWN);
    // Back from nothing: what is seen first is the best that is known.
    if (this.#quality === 0 && last !== undefined) this.#quality = last;
    else if (before !== undefined && down.every((quality) => quality < this.#quality))
      this.#quality = Math.max(...down) as Quality;
    else if (this.#recent.length === READINGS_UP && this.#recent.every((quality) => quality > this.#quality))
      this.#quality = Math.min(...this.#recent) as Quality;
  }
}

function rate({ loss, rtt, froze }: Experience): Quality {
  const quality = LIMITS.find(([, most, longest]) => loss <= most && rtt <= longest)?.[0] ?? 1;
  return froze && quality > QUALITY_AFTER_FREEZE ? QUALITY_AFTER_FREEZE : quality;
}
