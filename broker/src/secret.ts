import { encodeBase64Url } from './base64url.ts';

const SECRET = /^[A-Za-z0-9_-]{43}$/;
/** Fewer distinct bytes than this were typed by hand or left at a default, not drawn at random. */
const DISTINCT_BYTES_MIN = 8;

/** 256 random bits: a member secret or a ticket. Only its hash is ever stored. */
export function newSecret(): string {
  return encodeBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

/** 128 random bits as 32 hex digits: a participant's id, or what a client holds in place of a session id of the SFU. */
export function newHandle(): string {
  return crypto.randomUUID().replaceAll('-', '');
}

/** Can this text be a secret at all? */
export function isSecret(text: string | undefined): text is string {
  return text !== undefined && SECRET.test(text);
}

/** Looking a secret up by its hash leaks nothing through time: who knows the hash does not know the secret. */
export async function hashSecret(secret: string): Promise<string> {
  return encodeBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))));
}

/** Could these bytes of a key have been drawn at random? */
export function isRandom(bytes: Uint8Array): boolean {
  return new Set(bytes).size >= DISTINCT_BYTES_MIN;
}
