import type { WantedTrack } from './ports.ts';

/** More voices at once nobody can follow. */
export const SOUNDS_MAX = 16;
/** Of these places, those in which everybody else is listened to in turn, lest somebody stay unheard for good. */
const LISTENING_PLACES = 4;
/** A turn costs one call: ten a minute at most, however many speak at once. */
const TURN_MS = 6_000;

/**
 * Chooses whom to hear where more people could be heard than are worth receiving: whoever was heard last, came, or came off
 * mute. Within a turn they take the place of the one who was quiet longest, and nobody else is exchanged.
 */
export class SoundTurns {
  /** When somebody was heard or began to send sound, by participant. */
  readonly #activeAt = new Map<string, number>();
  /** When somebody was chosen last, by participant. */
  readonly #chosenAt = new Map<string, number>();
  /** By `participantId/source`, as is whoever is heard until the turn ends. */
  #audible: ReadonlySet<string> = new Set();
  #turn: ReadonlySet<string> = new Set();
  #turnEndsAt = 0;
  #speaking: readonly string[] = [];

  hear(speakers: readonly string[], now: number): void {
    for (const id of [...this.#speaking, ...speakers]) this.#activeAt.set(id, now);
    this.#speaking = speakers;
  }

  /** Out of all sounds those to receive, and when to choose again even where nothing changes. */
  choose(sounds: readonly WantedTrack[], now: number): { sounds: readonly WantedTrack[]; until: number } {
    const known = this.#audible;
    const fresh = sounds.filter((sound) => !sound.muted && !known.has(keyOf(sound)));
    for (const { participantId } of fresh) this.#activeAt.set(participantId, now);
    this.#audible = keysOf(sounds.filter(({ muted }) => !muted));

    const activity = ({ participantId }: WantedTrack) =>
      this.#speaking.includes(participantId) ? now + 1 : (this.#activeAt.get(participantId) ?? 0);
    const ranked = sounds.toSorted((a, b) => rank(a) - rank(b) || activity(b) - activity(a));
    if (this.#audible.size <= SOUNDS_MAX) return { sounds: select(sounds, ranked), until: Infinity };

    const audible = ranked.filter(({ muted }) => !muted);
    if (now >= this.#turnEndsAt) {
      this.#turnEndsAt = now + TURN_MS;
      this.#turn = this.#nextTurn(audible, now);
    }
    const isKept = (sound: WantedTrack) => this.#turn.has(keyOf(sound)) || fresh.includes(sound);
    const chosen = select(sounds, [...audible.filter(isKept), ...audible.filter((sound) => !isKept(sound))]);
    this.#turn = keysOf(chosen);
    return { sounds: chosen, until: this.#turnEndsAt };
  }

  #nextTurn(audible: readonly WantedTrack[], now: number): ReadonlySet<string> {
    const chosenAt = ({ participantId }: WantedTrack) => this.#chosenAt.get(participantId) ?? 0;
    const heard = audible.slice(0, SOUNDS_MAX - LISTENING_PLACES);
    const waiting = audible.slice(heard.length).toSorted((a, b) => chosenAt(a) - chosenAt(b));
    const chosen = [...heard, ...waiting.slice(0, LISTENING_PLACES)];
    for (const { participantId } of chosen) this.#chosenAt.set(participantId, now);
    return keysOf(chosen);
  }
}

/** The first of `ranked`, in their old order: who is the louder of two that are heard is no change. */
function select(sounds: readonly WantedTrack[], ranked: readonly WantedTrack[]): readonly WantedTrack[] {
  const chosen = ranked.slice(0, SOUNDS_MAX);
  return sounds.filter((sound) => chosen.includes(sound));
}

/** The sound of a shared screen is what people came to hear. */
function rank({ source, muted }: WantedTrack): number {
  return Number(muted) * 2 + Number(source === 'microphone');
}

function keyOf({ participantId, source }: WantedTrack): string {
  return `${participantId}/${source}`;
}

function keysOf(sounds: readonly WantedTrack[]): ReadonlySet<string> {
  return new Set(sounds.map(keyOf));
}
