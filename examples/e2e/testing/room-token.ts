import { importJWK, SignJWT, type JWK, type JWTPayload } from 'jose';
import { inject } from 'vitest';

export interface TokenOptions {
  claims?: JWTPayload;
  alg?: string;
  /** Instead of the broker's own. */
  secret?: Uint8Array;
}

/** A room token as an owner's backend would sign it, with whatever is wrong about it. Times are seconds from now. */
export async function mintToken(
  room: string,
  { claims = {}, alg = 'HS256', secret }: TokenOptions = {},
): Promise<string> {
  const [jwk] = JSON.parse(inject('tokenKeys')) as [JWK & { kid: string }];
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ aud: 'realtime-call', room, sub: `sub-${Math.random()}`, iat: now, exp: now + 600, ...claims })
    .setProtectedHeader({ alg, kid: jwk.kid })
    .sign(secret ?? (await importJWK({ ...jwk, alg }, alg)));
}

/** Seconds since the epoch, `offset` from now. */
export function secondsFromNow(offset: number): number {
  return Math.floor(Date.now() / 1000) + offset;
}
