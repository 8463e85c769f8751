import { headerVectors } from './header-vectors.ts';
import { claimVectors } from './claim-vectors.ts';
import { KEYS, NOW } from './mint.ts';
import { misconfiguredKeys } from './misconfigured-keys.ts';
import { spellingVectors } from './spelling-vectors.ts';
import type { Vector } from './vector.ts';

export interface VectorFile {
  about: string;
  now: number;
  keys: Record<string, readonly object[]>;
  vectors: readonly Vector[];
  /** Values of `ROOM_TOKEN_KEYS` with which nothing may be opened at all. */
  misconfigured: readonly { id: string; value: string }[];
}

const ABOUT =
  'Room tokens for testing a verifier or a signer in any language. Each of vectors is checked at the time now (seconds ' +
  'since the epoch) against the JWKs keys[vector.keys]; result is accepted, or why not. A token that is a list consists ' +
  'of its texts, each repeated as often as the number says. With a value of misconfigured every token is refused. ' +
  'Written by broker/dev/token-vectors/write.ts.';

export function buildVectorFile(): VectorFile {
  return {
    about: ABOUT,
    now: NOW,
    keys: KEYS,
    vectors: [...headerVectors(), ...spellingVectors(), ...claimVectors()],
    misconfigured: misconfiguredKeys(),
  };
}
