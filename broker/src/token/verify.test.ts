import { env } from 'cloudflare:workers';
import { createExecutionContext, listDurableObjectIds, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import vectorFile from '#token-vectors' with { type: 'json' };
import { BROKER } from '../testing/client.ts';
import worker from '../worker.ts';
import { importTokenKeys } from './token-keys.ts';
import { verifyRoomToken } from './verify.ts';

interface Vector {
  id: string;
  keys: keyof typeof vectorFile.keys;
  token: string | [text: string, times: number][];
  result: string;
  claims?: object;
}

const { now, keys, misconfigured } = vectorFile;
const vectors = vectorFile.vectors as Vector[];
const spell = ({ token }: Vector) =>
  typeof token === 'string' ? token : token.map(([text, times]) => text.repeat(times)).join('');
const refused = vectors.filter(({ result }) => result !== 'accepted');
/** Fetch drops or refuses white space in a header: there such a token cannot even be sent. */
const sendable = refused.filter((vector) => !/\s|^$/.test(spell(vector)));
const GOOD = spell(vectors.find(({ result }) => result === 'accepted')!);

let log: MockInstance<typeof console.log>;
beforeEach(() => {
  log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.useFakeTimers({ toFake: ['Date'], now: now * 1000 });
});
afterEach(() => vi.useRealTimers());

/** One call to a Worker that holds these keys. */
async function call(method: string, path: string, token: string, tokenKeys: string): Promise<Response> {
  const context = createExecutionContext();
  const request = new Request(`${BROKER}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  const response = await worker.fetch(request as never, { ...env, ROOM_TOKEN_KEYS: tokenKeys }, context);
  await waitOnExecutionContext(context);
  return response;
}

describe('the token vectors', () => {
  it.each(vectors)('TK1 to TK12 $id is $result', async (vector) => {
    const verified = await verifyRoomToken(
      spell(vector),
      await importTokenKeys(JSON.stringify(keys[vector.keys])),
      now,
    );
    expect(verified.ok ? 'accepted' : verified.reason).toBe(vector.result);
    if (verified.ok && vector.claims) expect(verified.claims).toMatchObject(vector.claims);
  });

  it.each(sendable)(
    'TK13 A11 at the door, $id: one answer for all, no room woken, no token in the log',
    async (vector) => {
      const token = spell(vector);
      const response = await call('POST', '/rooms/clinic-42/join', token, JSON.stringify(keys[vector.keys]));
      expect(response.status).toBe(401);
      expect(await response.text()).toBe(
        '{"errorCode":"unauthorized","errorDescription":"No valid room token or member secret"}',
      );
      expect(log).toHaveBeenCalledOnce();
      const line = String(log.mock.calls[0]);
      expect(JSON.parse(line)).toMatchObject({ event: 'token_refused', reason: vector.result });
      if (token.length > 40) expect(line).not.toContain(token.slice(0, 40));
      expect(await listDurableObjectIds(env.ROOMS)).toEqual([]);
    },
  );

  it('TK13 are many, and nearly all can be sent', () => {
    expect([refused.length > 200, refused.length - sendable.length < 10]).toEqual([true, true]);
  });

  it('TK1 every other spelling of the last character is refused', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const held = await importTokenKeys(JSON.stringify(keys.many));
    const spellings = [...alphabet].map((last) => `${GOOD.slice(0, -1)}${last}`);
    const results = await Promise.all(spellings.map((spelling) => verifyRoomToken(spelling, held, now)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

describe('keys that open nothing', () => {
  it.each(misconfigured)('ER5 $id: every call is 503, with a good token as well', async ({ value }) => {
    await expect(importTokenKeys(value)).rejects.toThrow();
    for (const [method, path] of [
      ['GET', '/health'],
      ['POST', '/rooms/clinic-42/join'],
      ['POST', '/rooms/clinic-42/sessions/new'],
      ['POST', '/rooms/clinic-42/ticket'],
      ['GET', '/rooms/clinic-42/socket'],
    ] as const) {
      const response = await call(method, path, GOOD, value);
      expect([response.status, await response.json()]).toMatchObject([503, { errorCode: 'misconfigured' }]);
    }
    expect(await listDurableObjectIds(env.ROOMS)).toEqual([]);
  });
});
