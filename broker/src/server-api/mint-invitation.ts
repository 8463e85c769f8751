import { SignJWT } from 'jose';
import {
  TOKEN_AUDIENCE,
  parseRoomTokenClaims,
  type Grants,
  type InvitationRequest,
  type InvitationResponse,
  type RoomTokenClaims,
} from '#protocol';
import { refuse } from '../refusal.ts';
import type { TokenKeys } from '../token/token-keys.ts';

const MINUTES_DEFAULT = 60;

/**
 * Signs a token for the inviter's room. It grants no more than the inviter has, and the inviter's limits of the room are
 * its own. `now` is in seconds. With public keys only, nothing can be signed: `cannot_sign`.
 */
export async function mintInvitation(
  keys: TokenKeys,
  inviter: RoomTokenClaims,
  { minutes = MINUTES_DEFAULT, ...invitation }: InvitationRequest,
  now: number,
): Promise<InvitationResponse> {
  const key = [...keys.values()].find(({ alg }) => alg === 'HS256');
  if (!key) throw refuse('cannot_sign');
  const expiresAt = now + minutes * 60;
  const { room, limits } = inviter;
  const payload = { aud: TOKEN_AUDIENCE, room, ...invitation, limits, iat: now, exp: expiresAt };
  // As the broker will read it: what it would refuse is not signed.
  const result = parseRoomTokenClaims(payload, now);
  if (!result.ok) throw refuse('decoding_error', `${result.reason} is not as a room token has it`);
  if (!isWithin(result.claims.grants, inviter.grants))
    throw refuse('forbidden', 'An invitation grants no more than the token it is asked for with');
  const token = await new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' }).sign(key.key);
  return { token, expiresAt };
}

function isWithin(grants: Grants, most: Grants): boolean {
  if (!grants.publish.every((grant) => most.publish.includes(grant))) return false;
  return (['subscribe', 'chat', 'moderate'] as const).every((right) => most[right] || !grants[right]);
}
