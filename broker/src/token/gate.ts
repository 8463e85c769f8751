import { TOKEN_MAX_BYTES } from '#protocol';
import { decodeBase64Url } from '../base64url.ts';
import { parseStrictJson } from './strict-json.ts';

/** What a token is before its signature was looked at: nothing in it is true yet. */
export interface UnverifiedToken {
  alg: string;
  kid: string | undefined;
  payload: Record<string, unknown>;
}

export type GateReason = 'too_long' | 'not_three_parts' | 'encoding' | 'json' | 'header';
export type GateResult = { ok: true; token: UnverifiedToken } | { ok: false; reason: GateReason };

/** Members that bring a key along or change what is signed have no place; nor has anything else. */
const HEADER_MEMBERS = new Set(['alg', 'kid', 'typ']);
/** With ignoreBOM a byte order mark stays in the text, where JSON.parse refuses it. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The strict gate in front of the library, which is lenient about encoding, size and doubled keys. After it a token has
 * exactly one spelling.
 */
export function openToken(text: string): GateResult {
  if (text.length > TOKEN_MAX_BYTES) return no('too_long');
  const parts = text.split('.');
  if (parts.length !== 3 || parts.includes('')) return no('not_three_parts');
  const [header, payload, signature] = parts.map(decodeBase64Url);
  if (!header || !payload || !signature) return no('encoding');
  try {
    return openHeader(parseStrictJson(UTF8.decode(header)), parseStrictJson(UTF8.decode(payload)));
  } catch {
    // TypeError where it is not UTF-8, SyntaxError, or RangeError where it nests too deep.
    return no('json');
  }
}

function openHeader(header: Record<string, unknown>, payload: Record<string, unknown>): GateResult {
  const { alg, kid, typ } = header;
  if (!Object.keys(header).every((name) => HEADER_MEMBERS.has(name))) return no('header');
  if (typeof alg !== 'string') return no('header');
  if (kid !== undefined && typeof kid !== 'string') return no('header');
  if (typ !== undefined && typ !== 'JWT') return no('header');
  return { ok: true, token: { alg, kid, payload } };
}

function no(reason: GateReason): GateResult {
  return { ok: false, reason };
}
