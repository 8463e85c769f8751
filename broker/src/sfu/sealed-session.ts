import { PREPARED_LIFETIME_MS, type RoomTokenClaims } from '#protocol';
import { decodeBase64Url, encodeBase64Url } from '../base64url.ts';
import type { SfuAccess } from '../env.ts';

/** Whose it is, and where. */
type Owner = Pick<RoomTokenClaims, 'room' | 'sub'>;

const IV_BYTES = 12;
const encoder = new TextEncoder();

/**
 * A session's id, for somebody who has no seat yet: the broker keeps nothing of it. It can be read by the broker alone, and
 * is good in this room, for this `sub`, and for {@link PREPARED_LIFETIME_MS}.
 */
export async function sealSession(sfuId: string, owner: Owner, access: SfuAccess, now: number): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const text = encoder.encode(JSON.stringify({ sfuId, until: now + PREPARED_LIFETIME_MS }));
  const sealed = await crypto.subtle.encrypt(cipher(iv, owner), await deriveKey(access), text);
  return encodeBase64Url(Uint8Array.of(...iv, ...new Uint8Array(sealed)));
}

/** The id; undefined where it was sealed for somebody else, elsewhere or too long ago, or by nobody. */
export async function unsealSession(
  text: string,
  owner: Owner,
  access: SfuAccess,
  now: number,
): Promise<string | undefined> {
  const bytes = decodeBase64Url(text) ?? new Uint8Array();
  const key = await deriveKey(access);
  try {
    const opened = await crypto.subtle.decrypt(cipher(bytes.slice(0, IV_BYTES), owner), key, bytes.slice(IV_BYTES));
    const { sfuId, until } = JSON.parse(new TextDecoder().decode(opened)) as { sfuId: string; until: number };
    return now < until ? sfuId : undefined;
  } catch {
    // OperationError: not what this broker has sealed for this owner.
    return undefined;
  }
}

function cipher(iv: Uint8Array<ArrayBuffer>, { room, sub }: Owner) {
  return { name: 'AES-GCM', iv, additionalData: encoder.encode(`${room}/${sub}`) };
}

async function deriveKey({ token }: SfuAccess): Promise<CryptoKey> {
  const secret = await crypto.subtle.digest('SHA-256', encoder.encode(`sealed session ${token}`));
  return crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt', 'decrypt']);
}
