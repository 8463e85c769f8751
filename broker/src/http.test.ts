import { env, exports } from 'cloudflare:workers';
import { listDurableObjectIds } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BODY_MAX_BYTES, parseJoinResponse } from '#protocol';
import {
  BROKER,
  Member,
  call,
  cleanUp,
  fetchWith,
  mint,
  publishing,
  refusal,
  room,
  upgrade,
} from './testing/client.ts';
import { FakeSfu } from './testing/fake-sfu.ts';

beforeEach(() => {
  FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => cleanUp());

describe('routes', () => {
  it('ER1 /health tells that the configuration is good', async () => {
    const response = await call('GET', '/health');
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  it.each([
    '/',
    '/rooms',
    '/rooms/r',
    '/rooms//join',
    '/rooms/r/join/x',
    '/rooms/r/sessions',
    '/rooms/r/sessions/x/y',
    '/rooms/a%2Fb/join',
    '/rooms/a%00/join',
    `/rooms/${'x'.repeat(129)}/join`,
  ])('ER1 nothing is at %s', async (path) => {
    expect(await refusal(await call('POST', path, { bearer: await mint() }))).toBe('404 not_found');
  });

  it.each([
    ['GET', '/rooms/r/join'],
    ['DELETE', '/rooms/r/sessions/x'],
    ['POST', '/rooms/r/sessions/x/renegotiate'],
    ['POST', '/rooms/r/sessions/x/tracks/close'],
    ['POST', '/rooms/r/socket'],
    ['PATCH', '/health'],
  ])('ER1 %s %s is no method of that path', async (method, path) => {
    expect(await refusal(await call(method, path))).toBe('405 method_not_allowed');
  });

  it('ER5 misconfigured: every call is 503, and a page can read it', async () => {
    const paths = ['/health', '/rooms/r/join', '/rooms/r/ticket', '/rooms/r/sessions/new', '/rooms/r/socket'];
    for (const path of paths) {
      const method = path === '/health' || path.endsWith('socket') ? 'GET' : 'POST';
      const headers = { authorization: `Bearer ${await mint()}`, origin: 'https://page.test' };
      const request = new Request(`${BROKER}${path}`, { method, headers });
      const response = await fetchWith({ ROOM_TOKEN_KEYS: '[]' }, request);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(await refusal(response)).toBe('503 misconfigured');
    }
  });
});

describe('bodies', () => {
  it('ER6 are JSON whatever their type says', async () => {
    const headers = { 'content-type': 'text/plain' };
    const options = { bearer: await mint(), body: { protocol: 1, name: 'Ann' }, headers };
    expect(await (await call('POST', `/rooms/${room()}/join`, options)).json()).toMatchObject({
      self: { name: 'Ann' },
    });
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['deep nesting', '['.repeat(100_000)],
  ])('ER6 %s is 400', async (_name, body) => {
    const response = await call('POST', `/rooms/${room()}/join`, { bearer: await mint(), body });
    expect(await refusal(response)).toBe('400 decoding_error');
  });

  it('ER6 text that is no UTF-8 is 400', async () => {
    const headers = { authorization: `Bearer ${await mint()}` };
    for (const text of ['{\u00ff}', '{"protocol":1,"x":"\u00ff"}']) {
      const body = Uint8Array.from(text, (character) => character.charCodeAt(0));
      const response = await exports.default.fetch(`${BROKER}/rooms/${room()}/join`, { method: 'POST', headers, body });
      expect(await refusal(response)).toBe('400 decoding_error');
    }
  });

  it('ER4 A25 what goes wrong inside is told to the log, and not to the caller', async () => {
    const ROOMS = { getByName: () => ({ join: () => Promise.reject(new Error('table seat is gone')) }) };
    const headers = { authorization: `Bearer ${await mint()}` };
    const request = new Request(`${BROKER}/rooms/${room()}/join`, { method: 'POST', headers });
    const response = await fetchWith({ ROOMS }, request);
    const text = await response.text();
    expect([response.status, text.includes('seat')]).toEqual([500, false]);
    expect(JSON.parse(text)).toMatchObject({ errorCode: 'internal_error' });
  });

  it.each([
    ['a member’s', async () => ({ authorization: `Bearer ${await mint()}` })],
    ['one that may hold a bearer', () => ({})],
  ])('ER6 A9 a body over the limit is 413, and is not read to its end: %s', async (_whose, makeHeaders) => {
    const headers = new Headers(await makeHeaders());
    const chunk = new Uint8Array(64 * 1024).fill(32);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += chunk.byteLength;
        controller.enqueue(chunk.slice());
        if (sent >= 100 * 1024 * 1024) controller.close();
      },
    });
    const request = new Request(`${BROKER}/rooms/${room()}/join`, { method: 'POST', headers, body });
    expect(await refusal(await fetchWith({}, request))).toBe('413 payload_too_large');
    expect(sent).toBeLessThan(2 * BODY_MAX_BYTES);
  });

  it('ER6 A9 a stranger’s body is not read at all', async () => {
    const body = new ReadableStream(
      {
        pull() {
          throw new Error('was read');
        },
      },
      { highWaterMark: 0 },
    );
    const headers = { authorization: 'Bearer of nothing' };
    const request = new Request(`${BROKER}/rooms/${room()}/join`, { method: 'POST', headers, body });
    expect(await refusal(await fetchWith({}, request))).toBe('401 unauthorized');
  });
});

describe('a bearer in the body', () => {
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    call('POST', `/rooms/${room()}${path}`, { body, headers });

  it('HS14 is as good as one in the header, for every POST', async () => {
    const joined = await post('/join', { protocol: 1, bearer: await mint({ name: 'Ann' }) });
    const { self, memberSecret } = parseJoinResponse(await joined.json());
    expect(self.name).toBe('Ann');
    expect((await post('/ticket', { bearer: memberSecret })).status).toBe(200);
    const { sessionId } = (await (await post('/sessions/new', { bearer: memberSecret })).json()) as {
      sessionId: string;
    };
    const published = await post(`/sessions/${sessionId}/tracks/new`, { ...publishing(), bearer: memberSecret });
    expect(published.status).toBe(200);
    expect((await post('/leave', { bearer: memberSecret, mayReturn: false })).status).toBe(200);
    const made = await post('/sessions/new', { bearer: await mint({ sub: 'ann' }) });
    expect(made.status).toBe(201);
    expect((await post('/leave', { bearer: await mint({ sub: 'ann' }), mayReturn: false })).status).toBe(200);
    const ended = await post('/end', { bearer: await mint({ sub: 'backend', role: 'host' }) });
    expect(await ended.json()).toEqual({ removed: 0 });
  });

  it('HS14 TK13 A14 opens nothing where one in the header would not', async () => {
    const { memberSecret } = (await Member.join()).joined;
    const forged = await mint({ sub: 'eve' }, new Uint8Array(32).fill(7));
    const bad = [
      forged,
      await mint({ sub: 'eve', room: 'other' }),
      memberSecret,
      'x',
      '',
      ' ',
      5,
      null,
      [await mint()],
    ];
    for (const bearer of bad)
      expect(await refusal(await post('/join', { protocol: 1, bearer }))).toBe('401 unauthorized');
  });

  it('HS14 counts for nothing beside a header, nor in a call that is no POST', async () => {
    const good = await mint({ sub: 'bob' });
    const beside = await post('/join', { protocol: 1, bearer: good }, { authorization: 'Bearer x' });
    expect(await refusal(beside)).toBe('401 unauthorized');
    const { joined } = await Member.live();
    const sessionId = joined.publish && 'sessionId' in joined.publish ? joined.publish.sessionId : '';
    const body = { tracks: [{ mid: '0' }], force: true, bearer: joined.memberSecret };
    const put = await call('PUT', `/rooms/${room()}/sessions/${sessionId}/tracks/close`, { body });
    expect(await refusal(put)).toBe('401 unauthorized');
  });

  it('HS14 ER7 no origin that may not call gets in by it, or by none', async () => {
    const url = `${BROKER}/rooms/${room()}/join`;
    const body = JSON.stringify({ protocol: 1, bearer: await mint() });
    const statusFor = async (origin?: string) => {
      const headers = new Headers(origin === undefined ? {} : { origin });
      const request = new Request(url, { method: 'POST', headers, body });
      return (await fetchWith({ ALLOWED_ORIGINS: 'https://shop.example' }, request)).status;
    };
    expect(await statusFor('https://shop.example')).toBe(200);
    for (const origin of ['https://evil.example', 'null', undefined]) expect(await statusFor(origin)).toBe(403);
  });

  it('HS14 ER4 A25 is in no log line', async () => {
    const lines = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const bearer = await mint({ room: 'other' });
    await post('/join', { protocol: 1, bearer });
    expect(lines.mock.calls).not.toEqual([]);
    for (const part of bearer.split('.')) expect(JSON.stringify(lines.mock.calls)).not.toContain(part);
  });
});

describe('other origins', () => {
  const LISTED = { ALLOWED_ORIGINS: 'https://shop.example, https://*.clinic.example' };
  const allowedFor = async (origin: string | undefined, settings = LISTED) => {
    const headers = origin === undefined ? {} : { origin };
    const response = await fetchWith(settings, new Request(`${BROKER}/health`, { headers }));
    expect(response.headers.get('vary')).toContain('Origin');
    expect(response.headers.has('access-control-allow-credentials')).toBe(false);
    return response.headers.get('access-control-allow-origin');
  };

  it('ER7 any page may read the answers where none are listed', async () => {
    expect(await allowedFor('https://page.test', { ALLOWED_ORIGINS: '' })).toBe('*');
  });

  it.each(['https://shop.example', 'https://a.clinic.example', 'https://a.b.clinic.example'])(
    'ER7 A13 %s is listed',
    async (origin) => {
      expect(await allowedFor(origin)).toBe(origin);
    },
  );

  it.each([
    undefined,
    'null',
    'https://shop.example.evil.com',
    'https://evilshop.example',
    'http://shop.example',
    'https://shop.example:8443',
    'https://SHOP.example',
    'https://sub.shop.example',
    'https://clinic.example',
    'https://evilclinic.example',
    'http://a.clinic.example',
    'https://A.clinic.example',
    'https://a.clinic.example/path',
    'https://evil.com/.clinic.example',
    'https://evil.com#.clinic.example',
  ])('ER7 A13 %s is not', async (origin) => {
    expect(await allowedFor(origin)).toBeNull();
  });

  it('ER7 A13 a preflight is answered without waking anything', async () => {
    const before = (await listDurableObjectIds(env.ROOMS)).length;
    const headers = { origin: 'https://shop.example', 'access-control-request-headers': 'authorization' };
    const request = new Request(`${BROKER}/rooms/x/join`, { method: 'OPTIONS', headers });
    const response = await fetchWith(LISTED, request);
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(response.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(Number(response.headers.get('access-control-max-age'))).toBeLessThanOrEqual(7200);
    expect((await listDurableObjectIds(env.ROOMS)).length).toBe(before);
  });

  it('ER7 A14 a form or a call without a token gets nowhere, whatever cookies it brings', async () => {
    const headers = { cookie: `token=${await mint()}`, 'content-type': 'text/plain' };
    for (const path of ['join', 'ticket', 'leave', 'sessions/new'])
      expect(await refusal(await call('POST', `/rooms/${room()}/${path}`, { headers }))).toBe('401 unauthorized');
  });

  it.each(['https://evil.example', 'null', undefined])(
    'ER7 A15 no socket for %s, even with a ticket',
    async (origin) => {
      const ann = await Member.join();
      const protocols = `realtime-call.v1, ticket.${ann.joined.ticket}`;
      const headers = { upgrade: 'websocket', 'sec-websocket-protocol': protocols, ...(origin && { origin }) };
      const request = new Request(`${BROKER}/rooms/${room()}/socket`, { headers });
      expect(await refusal(await fetchWith(LISTED, request))).toBe('403 forbidden');
      // The ticket was not used up.
      await ann.connect();
    },
  );

  it.each(['https://shop.example', 'https://a.clinic.example'])(
    'ER7 A15 a socket for %s, with a ticket',
    async (origin) => {
      const ann = await Member.join();
      const protocols = `realtime-call.v1, ticket.${ann.joined.ticket}`;
      const headers = { upgrade: 'websocket', 'sec-websocket-protocol': protocols, origin };
      const response = await fetchWith(LISTED, new Request(`${BROKER}/rooms/${room()}/socket`, { headers }));
      expect(response.status).toBe(101);
      response.webSocket!.accept();
      response.webSocket!.close(1000);
    },
  );

  it('HS10 A15 the right origin is no ticket', async () => {
    await Member.join();
    for (const ticket of ['', 'x', 'x'.repeat(43), 'x'.repeat(5000)])
      expect(await refusal(await upgrade(room(), ticket))).toBe('401 unauthorized');
    const response = await upgrade(room(), 'x', { 'sec-websocket-protocol': 'realtime-call.v1' });
    expect(await refusal(response)).toBe('401 unauthorized');
  });

  it('HS10 a ticket without the protocol opens nothing, and is not used up', async () => {
    const ann = await Member.join();
    for (const offered of [`ticket.${ann.joined.ticket}`, `realtime-call.v2, ticket.${ann.joined.ticket}`])
      expect(await refusal(await upgrade(room(), '', { 'sec-websocket-protocol': offered }))).toBe('401 unauthorized');
    await ann.connect();
  });

  it('HS8 A11 what cannot be a secret or a ticket wakes no room', async () => {
    const before = (await listDurableObjectIds(env.ROOMS)).length;
    for (const path of ['ticket', 'leave', 'sessions/new'])
      expect(await refusal(await call('POST', `/rooms/asleep/${path}`, { bearer: await mint() }))).toBe(
        '401 unauthorized',
      );
    await upgrade('asleep', 'x');
    expect((await listDurableObjectIds(env.ROOMS)).length).toBe(before);
  });
});
