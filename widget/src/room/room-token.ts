import {
  PublishGrant,
  ROLE_GRANTS,
  TOKEN_AUDIENCE,
  TOKEN_LEEWAY_SECONDS,
  TOKEN_MAX_LIFETIME_SECONDS,
  compact,
  isId,
  parseDisplayName,
  parseRecord,
  type Role,
} from '#protocol';
import { CallError } from '../call/errors.ts';
import type { TokenHint } from '../call/ports.ts';

/** Unverified, and so without a shape. */
type Payload = Readonly<Record<string, unknown>>;

/** Three parts of base64url: the look of a signed token, and of nothing a site shows to people. */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/** What a token says of name and rights; empty where it cannot be read. */
export function readHint(token: string): TokenHint {
  const payload = readPayload(token);
  return payload ? compact({ name: parseDisplayName(payload['name']), publish: readPublish(payload) }) : {};
}

/** Why a broker may have refused a token, as far as the token itself tells. `now` is in milliseconds. */
export function explainRefusal(token: string, room: string, now: number): CallError {
  const payload = readPayload(token) ?? {};
  const seconds = now / 1000;
  const wrong = findWrongClaim(payload);
  if (wrong) return new CallError('token-malformed', `the claim ${wrong} is missing, or not as it must be`);
  if (Number(payload['exp']) <= seconds - TOKEN_LEEWAY_SECONDS) return new CallError('token-expired');
  if (Math.max(Number(payload['iat']), Number(payload['nbf'] ?? 0)) > seconds + TOKEN_LEEWAY_SECONDS)
    return new CallError('token-early');
  if (payload['room'] !== room) return new CallError('token-wrong-room', `the token is for ${payload['room']}`);
  return new CallError('token-refused');
}

function readPublish({ role, grants }: Payload): readonly PublishGrant[] | undefined {
  const { publish } = Object(grants) as Payload;
  if (Array.isArray(publish)) return Object.values(PublishGrant).filter((grant) => publish.includes(grant));
  return role === undefined ? [] : ROLE_GRANTS[role as Role]?.publish;
}

/** What a backend gets wrong most often. The broker checks more, and writes what it found to its log. */
function findWrongClaim(payload: Payload): string | undefined {
  const { aud, iat, exp, role } = payload;
  if (aud !== TOKEN_AUDIENCE) return 'aud';
  if (role !== undefined && !Object.hasOwn(ROLE_GRANTS, String(role))) return 'role';
  if (Number(exp) > Number(iat) + TOKEN_MAX_LIFETIME_SECONDS) return 'exp';
  return (
    ['room', 'sub'].find((claim) => !isId(payload[claim])) ??
    ['iat', 'exp'].find((claim) => !Number.isSafeInteger(payload[claim]))
  );
}

function readPayload(token: string): Payload | undefined {
  try {
    const part = token.split('.')[1] ?? '';
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    return parseRecord(JSON.parse(new TextDecoder().decode(bytes)), 'payload');
  } catch {
    return undefined;
  }
}
