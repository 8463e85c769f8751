import type { RosterChange } from '#protocol';

/** The last changes of a roster that are remembered. More are answered with the whole roster. */
const CHANGES_MAX = 256;

/** The latest changes of one epoch, in memory only: whoever was away longer than this object was awake gets the roster. */
export class RosterHistory {
  readonly #changes: { rev: number; change: RosterChange }[] = [];
  /** Revision of the last of them. */
  #rev: number;

  constructor(rev: number) {
    this.#rev = rev;
  }

  /** Adds the change that made the next revision. */
  add(change: RosterChange): void {
    this.#rev += 1;
    this.#changes.push({ rev: this.#rev, change });
    if (this.#changes.length > CHANGES_MAX) this.#changes.shift();
  }

  /** What came after `rev`, oldest first; undefined where not all of it is known. */
  since(rev: number): { rev: number; change: RosterChange }[] | undefined {
    const missed = this.#changes.filter((known) => known.rev > rev);
    return missed.length === this.#rev - rev ? missed : undefined;
  }
}
