const DELAYS_MS = [0, 300, 1_200, 2_700, 4_800, 7_000];
/** An SFU that ends everybody's session at once must not be asked for new ones by all in the same moment. */
const FIRST_SPREAD_MS = 150;
const SPREAD = 0.25;

/** Milliseconds before try number `attempt` of a new session, counted from 0. `random` is 0 to 1. */
export function retryDelay(attempt: number, random: number): number {
  const delay = DELAYS_MS[Math.min(attempt, DELAYS_MS.length - 1)] ?? 0;
  return attempt === 0 ? random * FIRST_SPREAD_MS : delay * (1 - SPREAD * random);
}
