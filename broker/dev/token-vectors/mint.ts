import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';

/** The moment at which the vectors are to be checked, in seconds. */
export const NOW = 1_800_000_000;
export const CLAIMS = { aud: 'realtime-call', room: 'clinic-42', sub: 'u~1', role: 'guest', iat: NOW, exp: NOW + 600 };
export const HEADER = { alg: 'HS256', kid: 'main', typ: 'JWT' };

/** Everything is derived from fixed words, so that the file comes out the same each time. */
const secretOf = (word: string) => createHash('sha256').update(`realtime-call test key ${word}`).digest();
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const edPrivate = createPrivateKey({
  key: Buffer.concat([PKCS8_ED25519, secretOf('ed')]),
  format: 'der',
  type: 'pkcs8',
});
const edPublic = createPublicKey(edPrivate);

const MAIN = { kty: 'oct', kid: 'main', alg: 'HS256', k: secretOf('main').toString('base64url') };
const OTHER = { kty: 'oct', kid: 'other', alg: 'HS256', k: secretOf('other').toString('base64url') };
export const ED = { kty: 'OKP', crv: 'Ed25519', kid: 'ed', alg: 'EdDSA', x: edPublic.export({ format: 'jwk' }).x };

/** Values of `ROOM_TOKEN_KEYS`, by the name that vectors use. `rotated` is `many` after `main` was taken out. */
export const KEYS = { one: [MAIN], many: [MAIN, OTHER, ED], rotated: [OTHER, ED] };

/** What somebody may take for an HMAC secret who has only the public key. */
export const PUBLIC_KEY_TEXTS = {
  PEM: edPublic.export({ format: 'pem', type: 'spki' }),
  DER: edPublic.export({ format: 'der', type: 'spki' }),
  JWK: JSON.stringify(ED),
  x: String(ED.x),
};

/** Strings and bytes are taken as they are, however odd. */
export function encode(part: unknown): string {
  const bytes = Buffer.isBuffer(part) ? part : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part));
  return bytes.toString('base64url');
}

/** Signed with HMAC, whatever the header says. */
export function mint(
  header: unknown,
  payload: unknown = CLAIMS,
  key: string | Buffer = secretOf('main'),
  hash = 'sha256',
) {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}

/** Signed with the Ed25519 key, whatever the header says. */
export function mintEd(header: unknown, payload: unknown = CLAIMS): string {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${sign(null, Buffer.from(text), edPrivate).toString('base64url')}`;
}

/** The usual claims as JSON text, with more text at the end. */
export function withText(members: string): string {
  return `${JSON.stringify(CLAIMS).slice(0, -1)},${members}}`;
}
