/** Level of clear speech close to a microphone is 0.05 to 0.3; of a quiet room, under 0.01. */
export const SPEECH_BEGINS_AT = 0.03;
const CONTINUES_AT = 0.015;
/** Pauses between words do not end a speech. */
const HANG_MS = 800;
/** One must be louder than the other by this factor to pass by. */
const OVERTAKES_AT = 1.5;
/** Weight of the newest reading in the loudness that orders speakers. */
const SMOOTHING = 0.25;

interface Voice {
  loudness: number;
  heardAt: number;
}

/** Tells who is speaking from levels read several times a second; neither who nor the order flickers. */
export class ActiveSpeakers {
  readonly #voices = new Map<string, Voice>();
  #speakers: readonly string[] = [];

  /** Loudest first. */
  get speakers(): readonly string[] {
    return this.#speakers;
  }

  /** Takes one reading of everybody's level, 0 to 1. Returns true where {@link speakers} changed. */
  update(levels: ReadonlyMap<string, number>, now: number): boolean {
    for (const [id, level] of levels) this.#hear(id, level, now);
    for (const [id, { heardAt }] of this.#voices)
      if (!levels.has(id) || now - heardAt > HANG_MS) this.#voices.delete(id);

    const stayed = this.#speakers.filter((id) => this.#voices.has(id));
    const came = [...this.#voices.keys()].filter((id) => !stayed.includes(id));
    const next = this.#order([...stayed, ...came]);
    const isChanged = next.length !== this.#speakers.length || next.some((id, index) => id !== this.#speakers[index]);
    this.#speakers = next;
    return isChanged;
  }

  #hear(id: string, level: number, now: number): void {
    const voice = this.#voices.get(id);
    if (voice) {
      voice.loudness += SMOOTHING * (level - voice.loudness);
      if (level >= CONTINUES_AT) voice.heardAt = now;
    } else if (level >= SPEECH_BEGINS_AT) this.#voices.set(id, { loudness: level, heardAt: now });
  }

  /** Insertion sort from the present order, in which only a clear difference moves somebody up. */
  #order(ids: readonly string[]): string[] {
    const ordered: string[] = [];
    for (const id of ids) {
      const loudness = this.#voices.get(id)?.loudness ?? 0;
      let place = ordered.length;
      while (place > 0 && loudness > OVERTAKES_AT * (this.#voices.get(ordered[place - 1] ?? '')?.loudness ?? 0))
        place--;
      ordered.splice(place, 0, id);
    }
    return ordered;
  }
}
