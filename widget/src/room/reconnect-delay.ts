import { GRACE_MS } from '#protocol';

const FIRST_MAX_MS = 1_000;
const STEP_MS = 500;
const CAP_MS = 10_000;
/** While nobody looks, and the seat is lost anyway. */
const HIDDEN_CAP_MS = 60_000;

export interface Outage {
  /** Attempts made since the connection was lost. */
  attempt: number;
  /** How long it has been gone. */
  lostForMs: number;
  hidden: boolean;
}

/**
 * Full jitter, so that the sockets of a restarted broker do not come back as one wave. A hidden page is patient only
 * once its seat is gone: before that, waiting would lose it. `random` returns 0 to 1.
 */
export function reconnectDelay({ attempt, lostForMs, hidden }: Outage, random: () => number): number {
  if (attempt === 0) return random() * FIRST_MAX_MS;
  const cap = hidden && lostForMs > GRACE_MS ? HIDDEN_CAP_MS : CAP_MS;
  return random() * Math.min(cap, STEP_MS * 2 ** attempt);
}
