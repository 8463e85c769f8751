import { describe, expect, it, vi } from 'vitest';
import { readChatHistory, readConfig } from './env.ts';
import { encodeBase64Url } from './base64url.ts';
import { KEY } from './testing/client.ts';

const MAIN = { kty: 'oct', kid: 'main', alg: 'HS256', k: encodeBase64Url(KEY) };
const GOOD = {
  REALTIME_API_URL: 'https://rtc.live.cloudflare.com/v1',
  REALTIME_APP_ID: 'app',
  REALTIME_APP_TOKEN: 'secret',
  ROOM_TOKEN_KEYS: JSON.stringify([MAIN]),
};
const keys = (...records: unknown[]) => ({ ROOM_TOKEN_KEYS: JSON.stringify(records) });
const secret = (bytes: Uint8Array) => keys({ ...MAIN, k: encodeBase64Url(bytes) });
const x = encodeBase64Url(crypto.getRandomValues(new Uint8Array(32)));

describe('ER5 configuration that is refused', () => {
  const table: [name: string, reason: string, values: object][] = [
    ['no keys', 'missing', { ROOM_TOKEN_KEYS: undefined }],
    ['keys that are no JSON', 'valid JSON', { ROOM_TOKEN_KEYS: 'secret' }],
    ['an empty list of keys', 'empty', keys()],
    ['five keys', 'at most 4', keys(...[1, 2, 3, 4, 5].map((kid) => ({ ...MAIN, kid: `${kid}` })))],
    ['a kid twice', 'twice', keys(MAIN, MAIN)],
    ['a key without kid', 'kid', keys({ ...MAIN, kid: undefined })],
    ['an empty secret', 'fewer than 32', secret(new Uint8Array())],
    ['a secret of 1 byte', 'fewer than 32', secret(KEY.slice(0, 1))],
    ['a secret of 31 bytes', 'fewer than 32', secret(KEY.slice(0, 31))],
    ['a secret that is one byte over and over', 'not random', secret(new Uint8Array(64).fill(97))],
    ['a secret with padding', 'base64url', keys({ ...MAIN, k: `${MAIN.k}=` })],
    ['a key of another type', 'kty', keys({ ...MAIN, kty: 'RSA' })],
    ['an algorithm that is not known', 'alg', keys({ ...MAIN, alg: 'HS512' })],
    ['no algorithm', 'alg', keys({ ...MAIN, alg: undefined })],
    ['an algorithm that is not the key’s', 'alg', keys({ ...MAIN, alg: 'EdDSA' })],
    ['another curve', 'crv', keys({ kty: 'OKP', kid: 'ed', alg: 'EdDSA', crv: 'X25519', x })],
    [
      'a short public key',
      '32 bytes',
      keys({ kty: 'OKP', kid: 'ed', alg: 'EdDSA', crv: 'Ed25519', x: x.slice(0, 40) }),
    ],
    ['no app id', 'REALTIME_APP_ID', { REALTIME_APP_ID: '' }],
    ['an app id that is a path', 'REALTIME_APP_ID', { REALTIME_APP_ID: '../other' }],
    ['no app token', 'REALTIME_APP_TOKEN', { REALTIME_APP_TOKEN: undefined }],
    ['an app token with a line end', 'REALTIME_APP_TOKEN', { REALTIME_APP_TOKEN: 'a\nb' }],
    ['no API', 'REALTIME_API_URL', { REALTIME_API_URL: undefined }],
    ['an API without encryption', 'https', { REALTIME_API_URL: 'http://rtc.example.com/v1' }],
    ['an API that looks like loopback', 'https', { REALTIME_API_URL: 'http://127.0.0.1.example.com/v1' }],
    ['an API with a query', 'plain', { REALTIME_API_URL: 'https://rtc.example.com/v1?a=b' }],
    ['a TURN key without its token', 'TURN_KEY_API_TOKEN', { TURN_KEY_ID: 'key' }],
    ['a TURN token without its key', 'TURN_KEY_ID', { TURN_KEY_API_TOKEN: 'secret' }],
    ['a TURN key that is a path', 'TURN_KEY_ID', { TURN_KEY_ID: '../x', TURN_KEY_API_TOKEN: 'secret' }],
    ['an origin that is none', 'ALLOWED_ORIGINS', { ALLOWED_ORIGINS: 'shop.example' }],
    ['an origin with a path', 'ALLOWED_ORIGINS', { ALLOWED_ORIGINS: 'https://shop.example/' }],
    ...['many', '-1', '1.5', '101'].map((count): [string, string, object] => {
      return [`a chat history of ${count}`, 'CHAT_HISTORY', { CHAT_HISTORY: count }];
    }),
    ['every origin by wildcard', 'ALLOWED_ORIGINS', { ALLOWED_ORIGINS: 'https://*' }],
  ];
  it.each(table)('ER5 %s', async (_name, reason, values) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await expect(readConfig({ ...GOOD, ...values })).rejects.toMatchObject({ status: 503 });
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(reason));
    expect(String(log.mock.calls)).not.toContain(MAIN.k);
  });
});

describe('ER5 configuration that is taken', () => {
  it('HS1 offers STUN with the real SFU, and nothing with a stand-in', async () => {
    expect((await readConfig(GOOD)).iceServers).toEqual([{ urls: ['stun:stun.cloudflare.com:3478'] }]);
    const standIn = await readConfig({ ...GOOD, REALTIME_API_URL: 'http://127.0.0.1:8789/v1/' });
    expect(standIn).toMatchObject({ iceServers: [], sfu: { baseUrl: 'http://127.0.0.1:8789/v1/apps/app' } });
  });

  it('CH5 as much chat history as can be kept', () => {
    expect(['', '0', '100'].map((count) => readChatHistory(count))).toEqual([0, 0, 100]);
    expect(readChatHistory()).toBe(0);
  });

  it('ER5 a mistake that was mended is forgotten', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await expect(readConfig({ ...GOOD, REALTIME_APP_ID: '' })).rejects.toThrow();
    await expect(readConfig(GOOD)).resolves.toBeDefined();
  });
});
