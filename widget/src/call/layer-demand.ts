/** Which layers of my camera the others watch, as far as they have told. */
export class LayerDemand {
  readonly #watched = new Map<string, string>();

  /** `rid` is empty where somebody watches none. */
  hear(from: string, rid: string): void {
    this.#watched.set(from, rid);
  }

  /** What was told meanwhile may be lost: nobody has said anything. */
  forget(): void {
    this.#watched.clear();
  }

  /**
   * The best layer that one of these people watches; empty where none of them watches any, undefined where somebody has
   * not told and may watch the best.
   */
  best(people: readonly string[]): string | undefined {
    for (const id of this.#watched.keys()) if (!people.includes(id)) this.#watched.delete(id);
    const rids = people.map((id) => this.#watched.get(id));
    if (rids.includes(undefined)) return undefined;
    // Rids go from best to worst as letters do.
    return rids.filter((rid) => rid !== '').sort()[0] ?? '';
  }
}
