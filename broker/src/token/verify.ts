import { compactVerify } from 'jose/jws/compact/verify';
import { parseRoomTokenClaims, type ClaimsReason, type RoomTokenClaims } from '#protocol';
import { openToken, type GateReason } from './gate.ts';
import type { TokenKey, TokenKeys } from './token-keys.ts';

/** Why a token was refused: for the log. The caller is told nothing but `unauthorized`. */
export type VerifyReason = GateReason | 'unknown_kid' | 'alg' | 'signature' | ClaimsReason;
export type VerifyResult = { ok: true; claims: RoomTokenClaims } | { ok: false; reason: VerifyReason };

/** Checks a room token: strict gate, key by `kid`, signature, claims. Never throws. `now` is in seconds. */
export async function verifyRoomToken(text: string, keys: TokenKeys, now: number): Promise<VerifyResult> {
  const gate = openToken(text);
  if (!gate.ok) return gate;
  const key = findKey(keys, gate.token.kid);
  if (!key) return { ok: false, reason: 'unknown_kid' };
  if (gate.token.alg !== key.alg) return { ok: false, reason: 'alg' };
  try {
    await compactVerify(text, key.key, { algorithms: [key.alg] });
  } catch {
    return { ok: false, reason: 'signature' };
  }
  return parseRoomTokenClaims(gate.token.payload, now);
}

/** A token may leave its `kid` out where there is only one key to mean. */
function findKey(keys: TokenKeys, kid: string | undefined): TokenKey | undefined {
  if (kid !== undefined) return keys.get(kid);
  return keys.size === 1 ? [...keys.values()][0] : undefined;
}
