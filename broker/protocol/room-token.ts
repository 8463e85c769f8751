import { NAME_MAX_CODE_POINTS, TOKEN_LEEWAY_SECONDS, TOKEN_MAX_LIFETIME_SECONDS } from './limits.ts';

export const TOKEN_AUDIENCE = 'realtime-call';

export const Role = { host: 'host', guest: 'guest', listener: 'listener' } as const;
export type Role = (typeof Role)[keyof typeof Role];

export const PublishGrant = { audio: 'audio', video: 'video', screen: 'screen' } as const;
export type PublishGrant = (typeof PublishGrant)[keyof typeof PublishGrant];

/** What a participant may do. What is not granted is denied. */
export interface Grants {
  publish: readonly PublishGrant[];
  subscribe: boolean;
  chat: boolean;
  moderate: boolean;
}

/** The claims of a verified room token, copied field by field. Times are seconds since the epoch. */
export interface RoomTokenClaims {
  room: string;
  sub: string;
  iat: number;
  exp: number;
  nbf?: number;
  name?: string;
  role: Role;
  grants: Grants;
  /** Waits until a moderator admits, unless it may moderate itself. */
  lobby: boolean;
  limits: { participants?: number; minutes?: number; gigabytes?: number };
}

/** Why a payload was refused: for the operator's log, never for the caller. */
export type ClaimsReason =
  | 'payload_not_object'
  | 'aud'
  | 'room'
  | 'sub'
  | 'iat_missing'
  | 'iat_in_future'
  | 'exp_missing'
  | 'exp_too_far'
  | 'expired'
  | 'nbf'
  | 'not_yet_valid'
  | 'name'
  | 'role'
  | 'grants'
  | 'lobby'
  | 'limits';

export type ClaimsResult = { ok: true; claims: RoomTokenClaims } | { ok: false; reason: ClaimsReason };

const ID = /^[A-Za-z0-9._~-]{1,128}$/;
/** C0, C1, every bidi control, line and paragraph separators, and what takes no room. Joiners stay: emoji need them. */
// oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused here
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** What a role grants, before explicit grants are laid over it. */
export const ROLE_GRANTS: Readonly<Record<Role, Grants>> = {
  host: { publish: ['audio', 'video', 'screen'], subscribe: true, chat: true, moderate: true },
  guest: { publish: ['audio', 'video', 'screen'], subscribe: true, chat: true, moderate: false },
  listener: { publish: [], subscribe: true, chat: true, moderate: false },
};
const NOTHING: Grants = { publish: [], subscribe: false, chat: false, moderate: false };

/** Is this a room name or a participant's identity? */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

/** Trims and checks a display name; undefined where it shows nothing, is too long or holds control or bidi characters. */
export function parseDisplayName(value: unknown): string | undefined {
  if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) return undefined;
  const name = value.normalize('NFC').trim();
  return VISIBLE.test(name) && [...name].length <= NAME_MAX_CODE_POINTS && !UNPRINTABLE.test(name) ? name : undefined;
}

/** Checks a verified payload against the claim rules TK3 to TK12. `now` is in seconds. */
export function parseRoomTokenClaims(payload: unknown, now: number): ClaimsResult {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return no('payload_not_object');
  const p = payload as Record<string, unknown>;
  if (p['aud'] !== TOKEN_AUDIENCE) return no('aud');
  const { room, sub, iat, exp, nbf } = p;
  if (!isId(room)) return no('room');
  if (!isId(sub)) return no('sub');
  if (!isTime(iat)) return no('iat_missing');
  if (iat > now + TOKEN_LEEWAY_SECONDS) return no('iat_in_future');
  if (!isTime(exp)) return no('exp_missing');
  if (exp > Math.min(now + TOKEN_LEEWAY_SECONDS, iat) + TOKEN_MAX_LIFETIME_SECONDS) return no('exp_too_far');
  if (exp <= now - TOKEN_LEEWAY_SECONDS) return no('expired');
  if (nbf !== undefined && !isTime(nbf)) return no('nbf');
  if (nbf !== undefined && nbf > now + TOKEN_LEEWAY_SECONDS) return no('not_yet_valid');
  const name = p['name'] === undefined ? undefined : parseDisplayName(p['name']);
  if (p['name'] !== undefined && name === undefined) return no('name');
  const role = parseRole(p['role']);
  if (!role) return no('role');
  const grants = parseGrants(p['grants'], p['role'] === undefined ? NOTHING : ROLE_GRANTS[role]);
  if (!grants) return no('grants');
  const { lobby = false } = p;
  if (typeof lobby !== 'boolean') return no('lobby');
  const limits = parseLimits(p['limits']);
  if (!limits) return no('limits');
  return {
    ok: true,
    claims: {
      room,
      sub,
      iat,
      exp,
      ...(nbf !== undefined && { nbf }),
      ...(name !== undefined && { name }),
      role,
      grants,
      lobby,
      limits,
    },
  };
}

function no(reason: ClaimsReason): ClaimsResult {
  return { ok: false, reason };
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function parseRole(value: unknown): Role | undefined {
  if (value === undefined) return Role.guest;
  return value === Role.host || value === Role.guest || value === Role.listener ? value : undefined;
}

/** Explicit grants are laid over the role's preset; an unknown grant refuses the token. */
function parseGrants(value: unknown, preset: Grants): Grants | undefined {
  if (value === undefined) return preset;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const grants = { ...preset };
  for (const [key, granted] of Object.entries(value)) {
    if (key === 'publish') {
      if (!Array.isArray(granted) || !granted.every(isPublishGrant)) return undefined;
      grants.publish = [...new Set(granted)];
    } else if (key === 'subscribe' || key === 'chat' || key === 'moderate') {
      if (typeof granted !== 'boolean') return undefined;
      grants[key] = granted;
    } else return undefined;
  }
  return grants;
}

function isPublishGrant(value: unknown): value is PublishGrant {
  return typeof value === 'string' && Object.hasOwn(PublishGrant, value);
}

function parseLimits(value: unknown): RoomTokenClaims['limits'] | undefined {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const limits: RoomTokenClaims['limits'] = {};
  for (const key of ['participants', 'minutes', 'gigabytes'] as const) {
    const limit = (value as Record<string, unknown>)[key];
    if (limit === undefined) continue;
    if (!Number.isSafeInteger(limit) || (limit as number) < 1) return undefined;
    limits[key] = limit as number;
  }
  return limits;
}
