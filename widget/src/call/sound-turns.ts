import type { WantedTrack } from './ports.ts';

/** More voices at once nobody can follow. */
export const SOUNDS_MAX = 16;
/** Of these places, those in which everybody else is listened to in turn, lest somebody stay unheard for good. */
const LISTENING_PLACES = 2;
const TURN_MS = 3_000;

/** Chooses whom to hear where more people could be heard than are worth receiving: whoever was heard or unmuted last. */
export class SoundTurns {
  /** When somebody was heard or came off mute, by participant. */
  readonly #activeAt = new Map<string, number>();
  #muted: ReadonlySet<string> = new Set();
  #speaking: readonly string[] = [];
  #turn = 0;
  #turnEndsAt = 0;

  hear(speakers: readonly string[], now: number): void {
    for (const id of [...this.#speaking, ...speakers]) this.#activeAt.set(id, now);
    this.#speaking = speakers;
  }

  /** Out of all sounds those to receive, and when to choose again even where nothing changes. */
  choose(sounds: readonly WantedTrack[], now: number): { sounds: readonly WantedTrack[]; until: number } {
    this.#noteUnmuted(sounds, now);
    if (sounds.length <= SOUNDS_MAX) return { sounds, until: Infinity };

    const activity = ({ participantId }: WantedTrack) => this.#activeAt.get(participantId) ?? 0;
    const ranked = sounds.toSorted((a, b) => rank(a) - rank(b) || activity(b) - activity(a));
    const audible = ranked.filter(({ muted }) => !muted);
    if (audible.length <= SOUNDS_MAX) return { sounds: ranked.slice(0, SOUNDS_MAX), until: Infinity };

    if (now >= this.#turnEndsAt) {
      this.#turn++;
      this.#turnEndsAt = now + TURN_MS;
    }
    const heard = audible.splice(0, SOUNDS_MAX - LISTENING_PLACES);
    const first = (this.#turn * LISTENING_PLACES) % audible.length;
    const listenedTo = [...audible, ...audible].slice(first, first + LISTENING_PLACES);
    return { sounds: [...heard, ...listenedTo], until: this.#turnEndsAt };
  }

  /** Who comes off mute is about to speak. */
  #noteUnmuted(sounds: readonly WantedTrack[], now: number): void {
    for (const { participantId, muted } of sounds)
      if (!muted && this.#muted.has(participantId)) this.#activeAt.set(participantId, now);
    this.#muted = new Set(sounds.flatMap(({ participantId, muted }) => (muted ? participantId : [])));
  }
}

/** The sound of a shared screen is what people came to hear. */
function rank({ source, muted }: WantedTrack): number {
  return Number(muted) * 2 + Number(source === 'microphone');
}
