const WORD_BITS = 32;
const WORDS = 256;

/** Remembers which of the last 8192 numbers were seen. A number older than that counts as seen. */
export class DuplicateFilter {
  readonly #bits = new Uint32Array(WORDS);
  /** Which word of the number line each slot holds now. */
  readonly #holds = new Float64Array(WORDS).fill(-Infinity);

  /** False where the number was added before. Numbers may be negative. */
  add(value: number): boolean {
    const word = Math.floor(value / WORD_BITS);
    const slot = word & (WORDS - 1);
    const held = this.#holds[slot]!;
    if (held > word) return false;
    if (held < word) {
      this.#holds[slot] = word;
      this.#bits[slot] = 0;
    }
    const bit = 1 << (value & (WORD_BITS - 1));
    if (this.#bits[slot]! & bit) return false;
    this.#bits[slot]! |= bit;
    return true;
  }
}
