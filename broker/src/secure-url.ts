const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** A URL that nobody on the way can read: https, or http on this machine. Throws with the variable's name. */
export function parseSecureUrl(text: string, name: string): URL {
  if (!URL.canParse(text)) throw new Error(`${name} is not a URL`);
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname)))
    throw new Error(`${name} must be https, or http on loopback`);
  if (url.hash || url.username || url.password) throw new Error(`${name} must not have credentials or a fragment`);
  return url;
}
