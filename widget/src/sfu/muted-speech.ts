import { SPEECH_BEGINS_AT } from './active-speakers.ts';

/** Each loud reading counts twice against a quiet one: about a second of speech, and no cough. */
const ENOUGH = 10;
const LOUD = 2;
/** Whoever goes on talking to somebody beside them is told once, until they were quiet for so long. */
const QUIET_MS = 5_000;
/** And not again right after. */
const PAUSE_MS = 30_000;

/** Tells that somebody speaks who is muted, from levels read ten times a second. */
export class MutedSpeech {
  #isHeard = false;
  #score = 0;
  #loudAt = 0;
  #notBefore = 0;

  /** Takes one level, 0 to 1. Coming off mute ends it, and the next time it is told without a pause. */
  read(level: number, isMuted: boolean, now: number): boolean {
    if (!isMuted) {
      this.#end(now);
      return false;
    }
    const isLoud = level >= SPEECH_BEGINS_AT;
    if (isLoud) this.#loudAt = now;
    this.#score = Math.max(0, Math.min(this.#score + (isLoud ? LOUD : -1), ENOUGH));
    if (!this.#isHeard) this.#isHeard = this.#score >= ENOUGH && now >= this.#notBefore;
    else if (now - this.#loudAt > QUIET_MS) this.#end(now + PAUSE_MS);
    return this.#isHeard;
  }

  #end(notBefore: number): void {
    this.#isHeard = false;
    this.#score = 0;
    this.#notBefore = notBefore;
  }
}
