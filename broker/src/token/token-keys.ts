import {
  TOKEN_KEY_MIN_BYTES,
  TOKEN_MAX_KEYS,
  parseArray,
  parseJson,
  parseOneOf,
  parseRecord,
  parseString,
} from '#protocol';
import { decodeBase64Url } from '../base64url.ts';
import { isRandom } from '../secret.ts';

/** One key of `ROOM_TOKEN_KEYS`. The record fixes the algorithm; a token's header only names the record. */
export interface TokenKey {
  kid: string;
  alg: 'HS256' | 'EdDSA';
  key: CryptoKey;
}

export type TokenKeys = ReadonlyMap<string, TokenKey>;

const ED25519_KEY_BYTES = 32;

/** By the `kty` of a JWK: a secret, or an Ed25519 public key. */
const KINDS = {
  oct: { alg: 'HS256', member: 'k', algorithm: { name: 'HMAC', hash: 'SHA-256' }, usages: ['sign', 'verify'] },
  OKP: { alg: 'EdDSA', member: 'x', algorithm: { name: 'Ed25519' }, usages: ['verify'] },
} as const;

const parseKid = parseString(64, /^[A-Za-z0-9._-]+$/);

/** Reads the secret `ROOM_TOKEN_KEYS`, a JSON array of JWKs. Throws with a reason that names the entry, never the key. */
export async function importTokenKeys(text: string): Promise<TokenKeys> {
  if (text === '') throw new Error('ROOM_TOKEN_KEYS is missing');
  const entries = parseArray(parseKey, TOKEN_MAX_KEYS)(parseJson(text, 'ROOM_TOKEN_KEYS'), 'ROOM_TOKEN_KEYS');
  if (entries.length === 0) throw new Error('ROOM_TOKEN_KEYS is empty');
  const keys = new Map<string, TokenKey>();
  for (const { kid, alg, algorithm, usages, bytes } of entries) {
    if (keys.has(kid)) throw new Error(`ROOM_TOKEN_KEYS names the kid ${kid} twice`);
    keys.set(kid, { kid, alg, key: await crypto.subtle.importKey('raw', bytes, algorithm, false, [...usages]) });
  }
  return keys;
}

function parseKey(value: unknown, path: string) {
  const record = parseRecord(value, path);
  const kid = parseKid(record['kid'], `${path}.kid`);
  const kind = KINDS[parseOneOf('oct', 'OKP')(record['kty'], `${path}.kty`)];
  const { alg, member } = kind;
  parseOneOf(alg)(record['alg'], `${path}.alg`);
  if (alg === 'EdDSA') parseOneOf('Ed25519')(record['crv'], `${path}.crv`);
  const bytes = decodeBase64Url(parseString(1024)(record[member], `${path}.${member}`));
  if (!bytes) throw new Error(`${path}.${member} is not base64url without padding`);
  if (alg === 'HS256' && bytes.length < TOKEN_KEY_MIN_BYTES)
    throw new Error(`${path}.k has fewer than ${TOKEN_KEY_MIN_BYTES} bytes`);
  if (alg === 'EdDSA' && bytes.length !== ED25519_KEY_BYTES)
    throw new Error(`${path}.x is not the ${ED25519_KEY_BYTES} bytes of an Ed25519 public key`);
  if (!isRandom(bytes)) throw new Error(`${path}.${member} is not random`);
  return { kid, bytes, ...kind };
}
