import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { TOKEN_MAX_BYTES } from '#protocol';
import { encodeBase64Url } from '../base64url.ts';
import { KEY, mint } from '../testing/client.ts';
import { importTokenKeys, type TokenKeys } from './token-keys.ts';
import { verifyRoomToken, type VerifyReason } from './verify.ts';

const NOW = 1_800_000_000;
const CLAIMS = { aud: 'realtime-call', room: 'r1', sub: 'ann', role: 'guest', iat: NOW, exp: NOW + 600 };
const MAIN = { kty: 'oct', kid: 'main', alg: 'HS256', k: encodeBase64Url(KEY) };
const OTHER = { ...MAIN, kid: 'other', k: encodeBase64Url(crypto.getRandomValues(new Uint8Array(32))) };

let ed25519: Awaited<ReturnType<typeof generateKeyPair>>;
let edRecord: Record<string, unknown>;
let one: TokenKeys;
let many: TokenKeys;

beforeAll(async () => {
  ed25519 = await generateKeyPair('EdDSA', { extractable: true });
  edRecord = { ...(await exportJWK(ed25519.publicKey)), kid: 'ed', alg: 'EdDSA' };
  one = await importTokenKeys(JSON.stringify([MAIN]));
  many = await importTokenKeys(JSON.stringify([MAIN, OTHER, edRecord]));
});

/** Signs these very bytes, however odd, as an HS256 token. */
async function sign(header: unknown, payload: unknown = CLAIMS, key: Uint8Array<ArrayBuffer> = bytesOf(KEY)) {
  const text = `${encode(header)}.${encode(payload)}`;
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const cryptoKey = await crypto.subtle.importKey('raw', key, hmac, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', cryptoKey, new TextEncoder().encode(text));
  return `${text}.${encodeBase64Url(new Uint8Array(signature))}`;
}

function encode(value: unknown): string {
  if (value instanceof Uint8Array) return encodeBase64Url(value);
  return encodeBase64Url(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)));
}

function bytesOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

const HEADER = { alg: 'HS256', kid: 'main', typ: 'JWT' };
const text = (extra: string) => `${JSON.stringify(CLAIMS).slice(0, -1)},${extra}}`;

async function reasonOf(token: string, keys = many): Promise<VerifyReason | 'accepted'> {
  const result = await verifyRoomToken(token, keys, NOW);
  return result.ok ? 'accepted' : result.reason;
}

describe('TK1 one spelling', () => {
  it('TK1 accepts the token as it was made', async () => {
    expect(await reasonOf(await sign(HEADER))).toBe('accepted');
  });

  const respelled: [name: string, reason: VerifyReason, change: (token: string) => string][] = [
    ['padding', 'encoding', (token) => `${token}=`],
    ['a line end', 'encoding', (token) => `${token}\n`],
    ['a space before', 'encoding', (token) => ` ${token}`],
    ['white space inside', 'encoding', (token) => `${token.slice(0, -9)} ${token.slice(-9)}`],
    ['a trailing dot', 'not_three_parts', (token) => `${token}.`],
    ['two parts', 'not_three_parts', (token) => token.split('.').slice(0, 2).join('.')],
    ['five parts', 'not_three_parts', (token) => `${token}.a.b`],
    ['no text', 'not_three_parts', () => ''],
    ['an empty signature', 'not_three_parts', (token) => token.replace(/[^.]+$/, '')],
    ['an empty payload', 'not_three_parts', (token) => token.replace(/\.[^.]+\./, '..')],
    ['the alphabet of plain base64', 'encoding', (token) => token.replace(/\.[^.]{2}/, '.+/')],
    ['a cut signature', 'encoding', (token) => token.slice(0, -2)],
    ['a signature cut by whole bytes', 'signature', (token) => token.slice(0, -3)],
    ['the JSON form', 'encoding', (token) => JSON.stringify({ payload: token })],
    ['one byte too many', 'too_long', () => 'x'.repeat(TOKEN_MAX_BYTES + 1)],
    ['8 MB', 'too_long', () => 'x'.repeat(8 * 1024 * 1024)],
  ];
  it.each(respelled)('TK1 refuses %s', async (_name, reason, change) => {
    expect(await reasonOf(change(await sign(HEADER)))).toBe(reason);
  });

  it('TK1 refuses every other spelling of the last character', async () => {
    const token = await sign(HEADER);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const spellings = [...alphabet].map((last) => `${token.slice(0, -1)}${last}`);
    const results = await Promise.all(spellings.map((spelling) => reasonOf(spelling)));
    expect(results.filter((result) => result === 'accepted')).toHaveLength(1);
  });

  const payloads: [name: string, payload: unknown][] = [
    ['a name twice', text('"sub":"eve"')],
    ['a name twice, spelled by escapes', text('"\\u0073ub":"eve"')],
    ['a name twice inside', text('"limits":{"minutes":1,"minutes":2}')],
    ['a byte order mark', `\ufeff${JSON.stringify(CLAIMS)}`],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
    ['a list', [CLAIMS]],
    ['a string', '"text"'],
    ['a number', '5'],
    ['null', 'null'],
    ['NaN', text('"nbf":NaN')],
    ['deep nesting', `${'['.repeat(1400)}${']'.repeat(1400)}`],
    ['an open object', '{'],
  ];
  it.each(payloads)('TK1 refuses a payload with %s', async (_name, payload) => {
    expect(await reasonOf(await sign(HEADER, payload))).toBe('json');
  });

  it('TK1 is not misled by strings that look like structure', async () => {
    expect(
      await reasonOf(await sign(HEADER, { ...CLAIMS, note: '{"sub":1,"sub":2}', nested: [{ a: 1 }, { a: 2 }] })),
    ).toBe('accepted');
  });

  it('TK1 refuses a header that names a member twice', async () => {
    expect(await reasonOf(await sign('{"alg":"none","alg":"HS256","kid":"main"}'))).toBe('json');
  });
});

describe('TK2 header and key', () => {
  const headers: [reason: VerifyReason, header: object][] = [
    ['alg', { ...HEADER, alg: 'none' }],
    ['alg', { ...HEADER, alg: 'None' }],
    ['alg', { ...HEADER, alg: 'hs256' }],
    ['alg', { ...HEADER, alg: 'HS512' }],
    ['alg', { ...HEADER, alg: 'EdDSA' }],
    ['header', { ...HEADER, alg: ['HS256'] }],
    ['header', { ...HEADER, alg: 1 }],
    ['header', { kid: 'main' }],
    ['header', { ...HEADER, typ: 'at+jwt' }],
    ['header', { ...HEADER, typ: 'jwt' }],
    ['header', { ...HEADER, kid: ['main'] }],
    ['header', { ...HEADER, kid: null }],
    ...['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'cty'].map((member): [VerifyReason, object] => [
      'header',
      { ...HEADER, [member]: member === 'b64' ? true : 'x' },
    ]),
    ...['', 'x', '../../dev/null', "' OR 1=1--", '__proto__', 'constructor', 'MAIN'].map(
      (kid): [VerifyReason, object] => ['unknown_kid', { ...HEADER, kid }],
    ),
    ['unknown_kid', { alg: 'HS256' }],
    ['too_long', { ...HEADER, kid: 'x'.repeat(10_000) }],
  ];
  it.each(headers)('TK2 %s: %j', async (reason, header) => {
    expect(await reasonOf(await sign(header))).toBe(reason);
  });

  it('TK2 kid may be absent where there is one key', async () => {
    expect(await reasonOf(await sign({ alg: 'HS256' }), one)).toBe('accepted');
  });

  it('TK2 each key opens under its own kid only', async () => {
    const token = await sign({ ...HEADER, kid: 'other' });
    expect(await reasonOf(token)).toBe('signature');
  });

  it('TK2 rotation: a key that was taken out opens nothing, the others still do', async () => {
    const token = await sign(HEADER);
    const rotated = await importTokenKeys(JSON.stringify([OTHER]));
    expect(await reasonOf(token, rotated)).toBe('unknown_kid');
  });

  it('TK2 EdDSA verifies with the public key', async () => {
    const token = await new SignJWT(CLAIMS).setProtectedHeader({ alg: 'EdDSA', kid: 'ed' }).sign(ed25519.privateKey);
    expect(await reasonOf(token)).toBe('accepted');
    expect(await reasonOf(`${token.slice(0, -4)}AAAA`)).toMatch(/signature|encoding/);
  });

  it('TK2 a public key is no HMAC secret', async () => {
    const x = String(edRecord['x']);
    for (const secret of [x, JSON.stringify(edRecord)]) {
      const key = bytesOf(new TextEncoder().encode(secret));
      expect(await reasonOf(await sign({ alg: 'HS256', kid: 'ed' }, CLAIMS, key))).toBe('alg');
      expect(await reasonOf(await sign({ alg: 'EdDSA', kid: 'ed' }, CLAIMS, key))).toBe('signature');
    }
  });

  it('TK2 a signature over other bytes is none', async () => {
    const [header, , signature] = (await sign(HEADER)).split('.');
    expect(await reasonOf(`${header}.${encode({ ...CLAIMS, role: 'host' })}.${signature}`)).toBe('signature');
  });
});

it('TK6 TK13 the claims decide after the signature, with the reason for the log', async () => {
  expect(await reasonOf(await sign(HEADER, { ...CLAIMS, exp: NOW - 60 }))).toBe('expired');
  expect(await reasonOf(await sign(HEADER, text('"nbf":1e999')))).toBe('nbf');
  expect(await reasonOf(await sign(HEADER, { ...CLAIMS, exp: NOW - 60 }, bytesOf(OTHER_KEY)))).toBe('signature');
});
const OTHER_KEY = new Uint8Array(32).fill(7);

it('TK5 a token minted now is good now', async () => {
  vi.setSystemTime(NOW * 1000);
  expect(await reasonOf(await mint())).toBe('accepted');
  vi.useRealTimers();
});
