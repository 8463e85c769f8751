import type { BrokerError } from '../call/ports.ts';

/** What to do about a track whose pull failed. It is tried again by itself, after every healthy one. */
export interface PullRetry {
  /** Milliseconds until the next try; Infinity: not before the track is announced anew. */
  delay: number;
  /** Enough tries for now: tell the person, and go on slowly. */
  isHopeless: boolean;
}

const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 5_000;
const SLOW_DELAY_MS = 15_000;

/** Tries before a failure is shown. A publisher may take seconds until its packets flow; faults of the SFU pass sooner. */
const TRIES: Readonly<Record<string, number>> = { not_found_track_error: 6, empty_track_error: 6 };
const TRIES_OTHERWISE = 4;
/** Asking again changes nothing. */
const REFUSALS: ReadonlySet<string> = new Set(['forbidden', 'unauthorized', 'not_found', 'decoding_error']);

/** `attempt` counts from 1; `random` is 0 to 1. */
export function retryPull(errorCode: string, attempt: number, random: number): PullRetry {
  if (REFUSALS.has(errorCode)) return { delay: Infinity, isHopeless: true };
  if (attempt >= (TRIES[errorCode] ?? TRIES_OTHERWISE))
    return { delay: withJitter(SLOW_DELAY_MS, random), isHopeless: true };
  return { delay: backoff(attempt, random), isHopeless: false };
}

/** Milliseconds to wait after the `attempt`th failure in a row. */
export function backoff(attempt: number, random: number): number {
  return withJitter(Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS), random);
}

function withJitter(delay: number, random: number): number {
  return delay * (0.75 + random / 2);
}

/**
 * What a call that failed as a whole means for its session. `replace`: the state at the SFU is gone or unknown, and only
 * a new session helps. `refused`: the broker will not do this. `later`: nothing was done, try again.
 */
export function readCallFailure({ status, errorCode }: BrokerError): 'replace' | 'refused' | 'later' {
  if (status === 401 || status === 403) return 'refused';
  // No answer: the SFU may or may not have taken the description in.
  if (status === 0 || status === 504 || errorCode === 'sfu_unreachable') return 'replace';
  if (status === 425 || status === 429 || status >= 500) return 'later';
  if (errorCode === 'retryable_transient_error' || errorCode === 'temporarily_unavailable_error') return 'later';
  return 'replace';
}
