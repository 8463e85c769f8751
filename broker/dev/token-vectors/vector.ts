import type { KEYS } from './mint.ts';

/** One token, and what a verifier that holds `keys` has to say to it. */
export interface Vector {
  id: string;
  keys: keyof typeof KEYS;
  /** A long token is a list of texts, each to be repeated that many times, and joined. */
  token: string | readonly (readonly [text: string, times: number])[];
  /** `accepted`, or why not: for the log of this broker. Another verifier may refuse for another reason. */
  result: string;
  /** What an accepted token grants, where that is the point. */
  claims?: object;
}

/** The vectors of one group: ids begin with its name, and all have the same keys. */
export function group(
  name: string,
  rows: readonly (readonly [id: string, result: string, token: Vector['token']])[],
  keys: Vector['keys'] = 'many',
): Vector[] {
  return rows.map(([id, result, token]) => ({ id: `${name}: ${id}`, keys, token, result }));
}
