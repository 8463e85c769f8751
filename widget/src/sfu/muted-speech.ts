import { SPEECH_BEGINS_AT } from './active-speakers.ts';

/** Each loud reading counts this much, each quiet one takes one back. */
const LOUD = 2;
/** About a second of speech, and no cough. */
const ENOUGH = 10;
/** Who goes on talking to somebody beside them is told once, until they were quiet for 5 s. */
const MOST = 50;
/** So many readings later it may be told again: 30 s. */
const PAUSE = 300;

/** Tells that somebody speaks who is muted, from levels read ten times a second. */
export class MutedSpeech {
  isHeard = false;
  /** Below zero it is a pause. */
  #score = 0;

  /** Takes one level, 0 to 1. Coming off mute ends it, and the next time it is told without a pause. */
  read(level: number, isMuted: boolean): void {
    if (!isMuted) this.#score = 0;
    else if (this.#score < 0) this.#score++;
    else this.#score = Math.max(0, Math.min(this.#score + (level >= SPEECH_BEGINS_AT ? LOUD : -1), MOST));

    if (this.isHeard && this.#score === 0) {
      this.isHeard = false;
      if (isMuted) this.#score = -PAUSE;
    } else if (!this.isHeard && this.#score >= ENOUGH) {
      this.isHeard = true;
      this.#score = MOST;
    }
  }
}
