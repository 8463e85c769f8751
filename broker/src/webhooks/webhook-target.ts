import { TOKEN_KEY_MIN_BYTES } from '#protocol';
import { isRandom } from '../secret.ts';
import { parseSecureUrl } from '../secure-url.ts';

/** Where webhooks go, and the keys that sign them. */
export interface WebhookTarget {
  url: string;
  keys: readonly CryptoKey[];
}

/** Two while a secret is changed for another. */
const SECRETS_MAX = 2;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Reads `WEBHOOK_URL` and `WEBHOOK_SECRET`; undefined where neither is set. Throws a reason that holds no secret. */
export async function parseWebhookTarget(url: string, secrets: string): Promise<WebhookTarget | undefined> {
  if (url === '' && secrets === '') return undefined;
  const { href } = parseSecureUrl(url, 'WEBHOOK_URL');
  const texts = secrets.split(' ').filter((text) => text !== '');
  if (texts.length === 0 || texts.length > SECRETS_MAX) throw new Error('WEBHOOK_SECRET must be one secret, or two');
  return { url: href, keys: await Promise.all(texts.map(importSecret)) };
}

/** As the Standard Webhooks write it: base64, with `whsec_` before it or without. */
function importSecret(text: string): Promise<CryptoKey> {
  const base64 = text.replace(/^whsec_/, '');
  if (!BASE64.test(base64) || base64.length % 4 !== 0) throw new Error('WEBHOOK_SECRET is not base64');
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  if (bytes.length < TOKEN_KEY_MIN_BYTES) throw new Error(`WEBHOOK_SECRET has fewer than ${TOKEN_KEY_MIN_BYTES} bytes`);
  if (!isRandom(bytes)) throw new Error('WEBHOOK_SECRET is not random');
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}
