import { parseRoomTokenClaims } from '#protocol';
import { CallError } from '../call/errors.ts';
import type { TokenHint } from '../call/ports.ts';

/** Three parts of base64url: the look of a signed token, and of nothing a site shows to people. */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/** What a token says of name and rights, unverified. Its times are the broker's business. */
export function readHint(token: string): TokenHint {
  const payload = readPayload(token);
  const result = parseRoomTokenClaims(payload, issuedAt(payload));
  if (!result.ok) return {};
  const { name, grants } = result.claims;
  return { publish: grants.publish, ...(name !== undefined && { name }) };
}

/** Why a broker may have refused a token, as far as the token itself tells. `now` is in milliseconds. */
export function explainRefusal(token: string, room: string, now: number): CallError {
  const result = parseRoomTokenClaims(readPayload(token), Math.floor(now / 1000));
  if (result.ok)
    return result.claims.room === room
      ? new CallError('token-refused')
      : new CallError('token-wrong-room', `the token is for ${result.claims.room}`);
  switch (result.reason) {
    case 'expired':
      return new CallError('token-expired');
    case 'iat_in_future':
    case 'not_yet_valid':
      return new CallError('token-early');
    default:
      return new CallError('token-malformed', result.reason);
  }
}

function readPayload(token: string): unknown {
  try {
    const part = token.split('.')[1] ?? '';
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function issuedAt(payload: unknown): number {
  const { iat } = Object(payload) as { iat?: unknown };
  return typeof iat === 'number' ? iat : 0;
}
