import type { WantedTrack } from './ports.ts';

/** More voices at once nobody can follow. */
export const SOUNDS_MAX = 16;
/** Of these places, those in which everybody else is listened to in turn, lest somebody stay unheard for good. */
const LISTENING_PLACES = 4;
/** A turn costs one call: ten a minute at most, however many speak at once. */
const TURN_MS = 6_000;

/**
 * Chooses whom to hear where more people could be heard than are worth receiving: whoever was heard or unmuted last. Within
 * a turn nobody is exchanged but for a screen's sound and those who mute, leave, or come off mute.
 */
export class SoundTurns {
  /** When somebody was heard or came off mute, by participant. */
  readonly #activeAt = new Map<string, number>();
  /** When somebody was chosen last, by participant. */
  readonly #chosenAt = new Map<string, number>();
  /** By `participantId/source`, as is whoever is heard until the turn ends. */
  #muted: ReadonlySet<string> = new Set();
  #speaking: readonly string[] = [];
  #turn: ReadonlySet<string> = new Set();
  #turnEndsAt = 0;

  hear(speakers: readonly string[], now: number): void {
    for (const id of [...this.#speaking, ...speakers]) this.#activeAt.set(id, now);
    this.#speaking = speakers;
  }

  /** Out of all sounds those to receive, and when to choose again even where nothing changes. */
  choose(sounds: readonly WantedTrack[], now: number): { sounds: readonly WantedTrack[]; until: number } {
    const isFresh = this.#noteUnmuted(sounds, now);
    if (sounds.length <= SOUNDS_MAX) return { sounds, until: Infinity };

    const activity = ({ participantId }: WantedTrack) => this.#activeAt.get(participantId) ?? 0;
    const ranked = sounds.toSorted((a, b) => rank(a) - rank(b) || activity(b) - activity(a));
    const audible = ranked.filter(({ muted }) => !muted);
    if (audible.length <= SOUNDS_MAX) return { sounds: select(sounds, ranked), until: Infinity };

    if (now >= this.#turnEndsAt) {
      this.#turnEndsAt = now + TURN_MS;
      this.#turn = new Set(this.#nextTurn(audible, now).map(keyOf));
    }
    const urgent = audible.filter((sound) => isFresh(sound) || isOfScreen(sound));
    const kept = audible.filter((sound) => this.#turn.has(keyOf(sound)));
    const chosen = select(sounds, [...new Set([...urgent, ...kept, ...audible])]);
    this.#turn = new Set(chosen.map(keyOf));
    return { sounds: chosen, until: this.#turnEndsAt };
  }

  #nextTurn(audible: readonly WantedTrack[], now: number): WantedTrack[] {
    const chosenAt = ({ participantId }: WantedTrack) => this.#chosenAt.get(participantId) ?? 0;
    const heard = audible.slice(0, SOUNDS_MAX - LISTENING_PLACES);
    const waiting = audible.slice(heard.length).toSorted((a, b) => chosenAt(a) - chosenAt(b));
    const chosen = [...heard, ...waiting.slice(0, LISTENING_PLACES)];
    for (const { participantId } of chosen) this.#chosenAt.set(participantId, now);
    return chosen;
  }

  /** Who comes off mute is about to speak. Returns who did just now. */
  #noteUnmuted(sounds: readonly WantedTrack[], now: number): (sound: WantedTrack) => boolean {
    const before = this.#muted;
    const isFresh = (sound: WantedTrack) => !sound.muted && before.has(keyOf(sound));
    for (const sound of sounds) if (isFresh(sound)) this.#activeAt.set(sound.participantId, now);
    this.#muted = new Set(sounds.filter(({ muted }) => muted).map(keyOf));
    return isFresh;
  }
}

/** The first of `ranked`, in their old order: whose turn it is in nobody's place is no change. */
function select(sounds: readonly WantedTrack[], ranked: readonly WantedTrack[]): readonly WantedTrack[] {
  const chosen = new Set(ranked.slice(0, SOUNDS_MAX));
  return sounds.filter((sound) => chosen.has(sound));
}

function rank(sound: WantedTrack): number {
  return Number(sound.muted) * 2 - Number(isOfScreen(sound));
}

/** What people came to hear. */
function isOfScreen({ source }: WantedTrack): boolean {
  return source !== 'microphone';
}

function keyOf({ participantId, source }: WantedTrack): string {
  return `${participantId}/${source}`;
}
