import type { TransportState } from './sfu-session.ts';

/** One look at a connection. */
export interface PathSample {
  transport: TransportState;
  /** Milliseconds since the last packet that was no STUN. */
  silence: number;
  /** STUN checks that were answered so far. */
  answers: number;
  /** How many senders' packets should be arriving. The SFU itself is one, where it acknowledges what is published. */
  senders: number;
}

export interface PathVerdict {
  /** `dead`: it has to be replaced. It may still come back by itself, and then it is `well` again. */
  state: 'well' | 'suspect' | 'dead';
  /** Ask the SFU whether it knows the session: it may have ended without a word. */
  isToProbe: boolean;
  /** When to look again, in milliseconds. */
  nextMs: number;
}

export const LOOK_MS = 2_000;
export const SUSPECT_LOOK_MS = 500;
/** The browser itself says so only after some five seconds; a short dip is not worth a new session. */
const DISCONNECTED_MS = 2_000;
const SUSPECT_AFTER_MS = 500;
const PROBE_AFTER_MS = 1_500;
/** A browser checks a path that works every 2.5 s at the slowest: so long without an answer, and it does not work. */
const UNANSWERED_MS = 2_600;
/** The path is alive and several senders, or the one that always speaks, have gone silent all at once. */
const MUTE_AFTER_MS = 4_000;

const WELL: PathVerdict = { state: 'well', isToProbe: false, nextMs: LOOK_MS };
const SUSPECT: PathVerdict = { state: 'suspect', isToProbe: false, nextMs: SUSPECT_LOOK_MS };
const DEAD: PathVerdict = { state: 'dead', isToProbe: false, nextMs: SUSPECT_LOOK_MS };

export interface PathOptions {
  /** The SFU acknowledges whatever is sent, so that its silence alone is proof. */
  isAcknowledged: boolean;
}

/** Tells whether one connection's path is dead, sooner than the browser does. Only decides: looking is the caller's part. */
export class PathHealth {
  /** The SFU does not know the session any more. */
  isGone = false;
  readonly #isAcknowledged: boolean;
  #lostAt: number | undefined;
  /** Silence counts from here on: before, nothing was expected or the machine slept. */
  #countsFrom = -Infinity;
  /** The present silence: how long it had lasted at the last new answer that was seen. */
  #noticed: { answers: number; quiet: number; isProbed: boolean } | undefined;
  #isProbeDue = false;

  constructor({ isAcknowledged }: PathOptions) {
    this.#isAcknowledged = isAcknowledged;
  }

  /** The machine slept, or the network changed: whatever was not heard meanwhile says nothing, but it may all be over. */
  wake(now: number): void {
    this.#countsFrom = now;
    this.#noticed = undefined;
    this.#isProbeDue = true;
  }

  look({ transport, silence, answers, senders }: PathSample, now: number): PathVerdict {
    if (this.isGone || transport === 'failed') return DEAD;
    if (transport === 'lost') {
      this.#lostAt ??= now;
      return now - this.#lostAt >= DISCONNECTED_MS ? DEAD : SUSPECT;
    }
    this.#lostAt = undefined;
    if (transport !== 'connected' || senders === 0) {
      this.#countsFrom = now;
      this.#noticed = undefined;
      return WELL;
    }

    const wasAsked = this.#isProbeDue;
    this.#isProbeDue = false;
    const quiet = now - Math.max(now - silence, this.#countsFrom);
    if (quiet < SUSPECT_AFTER_MS) {
      this.#noticed = undefined;
      return { state: 'well', isToProbe: wasAsked, nextMs: LOOK_MS - quiet };
    }

    const noticed = (this.#noticed ??= { answers, quiet, isProbed: false });
    const isAnswered = answers !== noticed.answers;
    if (isAnswered) Object.assign(noticed, { answers, quiet });
    const isMute = quiet >= MUTE_AFTER_MS && (this.#isAcknowledged || senders > 1);
    if (isMute || quiet - noticed.quiet >= UNANSWERED_MS) return DEAD;

    const isToProbe = wasAsked || (quiet >= PROBE_AFTER_MS && !noticed.isProbed);
    noticed.isProbed ||= isToProbe;
    // One person who is silent on a path that answers is in trouble of their own.
    const nextMs = quiet < PROBE_AFTER_MS ? Math.min(SUSPECT_LOOK_MS, PROBE_AFTER_MS - quiet) : SUSPECT_LOOK_MS;
    return { state: 'suspect', isToProbe, nextMs };
  }
}
