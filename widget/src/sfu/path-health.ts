import type { TransportState } from './sfu-session.ts';

/** One look at a connection. */
export interface PathSample {
  transport: TransportState;
  /** Milliseconds since the last packet that was no STUN. */
  silence: number;
  /** STUN checks that were answered so far. */
  answers: number;
  /** How often the browser makes one at the slowest, in milliseconds. */
  checkMs: number;
  /** Names the two addresses between which it runs, mine as the SFU sees it. */
  way: string;
  /** How many senders' packets should be arriving. The SFU itself is one, where it acknowledges what is published. */
  senders: number;
  /** The other connection has been silent as well, for {@link DARK_AFTER_MS}. */
  isOtherDark: boolean;
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
/** What I publish is not heard by me: others notice what I do not. */
export const PUBLISHED_LOOK_MS = 1_000;
export const SUSPECT_LOOK_MS = 500;
/** The browser itself says so only after some five seconds; a short dip is not worth a new session. */
const DISCONNECTED_MS = 2_000;
/** Silence is sent with two or three packets a second. */
const SUSPECT_AFTER_MS = 500;
const PROBE_AFTER_MS = 1_250;
/** Several have gone silent at once: all senders of one connection, or both connections. No trouble of one person's. */
export const DARK_AFTER_MS = 1_500;
/** My address has changed, and the SFU answers the new one: so long without a packet, and it sends to the old. */
const MOVED_AFTER_MS = 1_000;
/** So much later than a check was due without an answer, and the path does not work. */
const UNANSWERED_MS = 100;
/** The SFU acknowledges nothing more, though it answers checks. */
const MUTE_AFTER_MS = 4_000;
/** A look that comes so late was held up together with everything else: the machine is busy, or slept. */
const LATE_MS = 1_200;

const SUSPECT: PathVerdict = { state: 'suspect', isToProbe: false, nextMs: SUSPECT_LOOK_MS };
const DEAD: PathVerdict = { ...SUSPECT, state: 'dead' };

export interface PathOptions {
  /** The SFU acknowledges whatever is sent, so that its silence alone is proof. */
  isAcknowledged: boolean;
}

/** The present silence, and how long it had lasted when something was seen of it. */
interface Silence {
  answers: number;
  answeredAt: number;
  isProbed: boolean;
}

/** Tells whether one connection's path is dead, sooner than the browser does. Only decides: looking is the caller's part. */
export class PathHealth {
  /** The SFU does not know the session any more. */
  isGone = false;
  readonly #isAcknowledged: boolean;
  readonly #lookMs: number;
  #lostAt: number | undefined;
  /** Silence counts from here on: before, nothing was expected or the machine slept. */
  #countsFrom = -Infinity;
  #dueAt = Infinity;
  #noticed: Silence | undefined;
  #isProbeDue = false;
  #way = '';
  #movedAt = -Infinity;

  constructor({ isAcknowledged }: PathOptions) {
    this.#isAcknowledged = isAcknowledged;
    this.#lookMs = isAcknowledged ? PUBLISHED_LOOK_MS : LOOK_MS;
  }

  /** The machine slept, or the network changed: whatever was not heard meanwhile says nothing, but it may all be over. */
  wake(now: number): void {
    this.#beginAnew(now);
    this.#isProbeDue = true;
  }

  look(sample: PathSample, now: number): PathVerdict {
    if (now - this.#dueAt > LATE_MS) this.#beginAnew(now);
    const verdict = this.#judge(sample, now);
    this.#dueAt = now + verdict.nextMs;
    return verdict;
  }

  #judge({ transport, silence, answers, checkMs, way, senders, isOtherDark }: PathSample, now: number): PathVerdict {
    if (this.isGone || transport === 'failed') return DEAD;
    if (transport === 'lost') {
      this.#lostAt ??= now;
      return now - this.#lostAt >= DISCONNECTED_MS ? DEAD : SUSPECT;
    }
    this.#lostAt = undefined;
    if (transport !== 'connected' || senders === 0) {
      this.#beginAnew(now);
      return { state: 'well', isToProbe: false, nextMs: this.#lookMs };
    }

    const isToProbe = this.#isProbeDue;
    this.#isProbeDue = false;
    const isHeard = silence < SUSPECT_AFTER_MS;
    if (this.#way !== '' && way !== this.#way) this.#movedAt = now;
    this.#way = way;
    const quiet = Math.min(silence, now - this.#countsFrom);
    if (quiet < SUSPECT_AFTER_MS) {
      this.#noticed = undefined;
      const nextMs = isHeard ? this.#lookMs - quiet : SUSPECT_AFTER_MS - quiet;
      return { state: isHeard ? 'well' : 'suspect', isToProbe, nextMs };
    }

    const noticed = (this.#noticed ??= { answers, answeredAt: quiet, isProbed: false });
    if (answers !== noticed.answers) Object.assign(noticed, { answers, answeredAt: quiet });
    const isDark = quiet >= DARK_AFTER_MS && (senders > 1 || isOtherDark);
    const movedFor = now - this.#movedAt;
    const isMoved = movedFor >= MOVED_AFTER_MS && movedFor < silence;
    const isMute = quiet >= MUTE_AFTER_MS && this.#isAcknowledged;
    if (isDark || isMoved || isMute || quiet - noticed.answeredAt >= checkMs + UNANSWERED_MS) return DEAD;

    // One person who is silent on a path that answers is in trouble of their own.
    const isDoubtful = quiet >= PROBE_AFTER_MS && !noticed.isProbed;
    noticed.isProbed ||= isToProbe || isDoubtful;
    const nextAt = [PROBE_AFTER_MS, DARK_AFTER_MS].find((time) => time > quiet) ?? Infinity;
    return { ...SUSPECT, isToProbe: isToProbe || isDoubtful, nextMs: Math.min(SUSPECT_LOOK_MS, nextAt - quiet) };
  }

  #beginAnew(now: number): void {
    this.#countsFrom = now;
    this.#noticed = undefined;
  }
}
