import { connect } from 'node:net';
import { once } from 'node:events';
import { BODY_MAX_BYTES, TRACKS_PER_CALL_MAX } from '#protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSfu, type Sfu } from '../sfu.ts';
import { goldenSdp } from '../testing/golden-sdp.ts';
import { CALLS_PER_SECOND_MAX } from '../timings.ts';

/** What is refused before any media is involved: status and code, as callers see them. */

const APP_ID = 'a'.repeat(32);
const APP_TOKEN = 'api-token';
const AUTHORIZED = { authorization: `Bearer ${APP_TOKEN}` };
const UNKNOWN = 'f'.repeat(32);
const OFFER = { type: 'offer', sdp: goldenSdp('publish') };
const REMOTE = { location: 'remote', sessionId: UNKNOWN, trackName: 'camera' };
const LOCAL = { location: 'local', mid: '1', trackName: 'camera' };

let sfu: Sfu;

beforeAll(async () => {
  sfu = await startSfu({ appId: APP_ID, appToken: APP_TOKEN, timings: { connectWaitMs: 50 } });
});

afterAll(() => sfu?.close());

interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

async function call(method: string, path: string, body?: unknown, headers: object = AUTHORIZED): Promise<Answer> {
  const response = await fetch(`${sfu.url}/apps/${APP_ID}${path}`, {
    method,
    headers: { ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const parsed = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body: parsed, headers: response.headers };
}

async function newSession(): Promise<string> {
  const { body } = await call('POST', '/sessions/new');
  return `/sessions/${String(body['sessionId'])}`;
}

describe('who may call', () => {
  test.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer other' }],
    ['another scheme', { authorization: APP_TOKEN }],
  ])('%s: 401', async (_, headers) => {
    expect(await call('POST', '/sessions/new', undefined, headers)).toMatchObject({
      status: 401,
      body: { errorCode: 'unauthorized', errorDescription: expect.any(String) },
    });
  });

  test('another app: 404', async () => {
    const response = await fetch(`${sfu.url}/apps/other/sessions/new`, { method: 'POST', headers: AUTHORIZED });
    expect([response.status, await response.json()]).toEqual([
      404,
      { errorCode: 'not_found', errorDescription: expect.any(String) },
    ]);
  });

  test('a page of any origin, by CORS, with the bearer', async () => {
    const preflight = await fetch(`${sfu.url}/apps/${APP_ID}/sessions/new`, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    for (const headers of [AUTHORIZED, {}]) {
      const answer = await call('POST', '/sessions/new', undefined, headers);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('vary')).toBe('Origin');
    }
  });
});

describe('what may be asked', () => {
  test.each([
    ['DELETE', `/sessions/${UNKNOWN}`],
    ['POST', `/sessions/${UNKNOWN}/tracks/close`],
    ['PUT', `/sessions/${UNKNOWN}/tracks/change`],
    ['POST', '/rooms/new'],
    ['POST', '//'],
  ])('%s %s is no operation: 404', async (method, path) => {
    expect(await call(method, path)).toMatchObject({ status: 404, body: { errorCode: 'not_found' } });
  });

  test('a session that never was is a session that is gone: 410', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/tracks/new'],
      ['PUT', '/renegotiate'],
    ] as const)
      expect(await call(method, `/sessions/${UNKNOWN}${path}`)).toMatchObject({
        status: 410,
        body: { errorCode: 'session_error' },
      });
  });

  test('JSON is read whatever its content type', async () => {
    const session = await newSession();
    const headers = { ...AUTHORIZED, 'content-type': 'text/plain' };
    expect((await call('POST', `${session}/tracks/new`, { tracks: [REMOTE] }, headers)).status).toBe(200);
  });
});

describe('a bad body', () => {
  const decoding = (field: string): object => ({
    status: 400,
    body: { errorCode: 'decoding_error', errorDescription: `Body JSON validation error: ${field}` },
  });

  test('sessions/new wants no body or an offer; an empty object is neither', async () => {
    expect(await call('POST', '/sessions/new', {})).toMatchObject(decoding('sessionDescription'));
    expect(await call('POST', '/sessions/new', '{')).toMatchObject(decoding('body'));
    expect(await call('POST', '/sessions/new', '""')).toMatchObject(decoding('body'));
  });

  test.each<[string, string, unknown, string]>([
    ['POST', '/tracks/new', undefined, 'body'],
    ['POST', '/tracks/new', '[]', 'body'],
    ['POST', '/tracks/new', {}, 'tracks'],
    ['POST', '/tracks/new', { tracks: {} }, 'tracks'],
    [
      'POST',
      '/tracks/new',
      { tracks: [{ location: 'remote', sessionId: UNKNOWN, trackname: 'x' }, REMOTE, {}] },
      '0,2',
    ],
    ['POST', '/tracks/new', { sessionDescription: OFFER, tracks: [{ ...LOCAL, mid: null }] }, '0'],
    ['POST', '/tracks/new', { sessionDescription: { sdp: 'v=0' }, tracks: [LOCAL] }, 'sessionDescription.type'],
    ['PUT', '/renegotiate', {}, 'sessionDescription'],
    ['PUT', '/tracks/update', {}, 'tracks'],
    ['PUT', '/tracks/update', { tracks: [REMOTE] }, '0'],
    ['PUT', '/tracks/close', { tracks: [{ mid: '0' }] }, 'force'],
    ['PUT', '/tracks/close', { tracks: [{ mid: '0' }], force: 'yes' }, 'force'],
    ['PUT', '/tracks/close', { tracks: [], force: true }, 'tracks'],
    ['PUT', '/tracks/close', { tracks: [{ mid: '0' }], force: false }, 'sessionDescription'],
  ])('%s %s %j: 400 names %s', async (method, path, body, field) => {
    expect(await call(method, (await newSession()) + path, body)).toMatchObject(decoding(field));
  });

  test('too many tracks, and tracks of both directions: 406', async () => {
    const session = await newSession();
    const invalid = { status: 406, body: { errorCode: 'invalid_params' } };
    const many = Array.from({ length: TRACKS_PER_CALL_MAX + 1 }, () => ({ ...REMOTE }));
    expect(await call('POST', `${session}/tracks/new`, { tracks: many })).toMatchObject(invalid);
    expect(await call('POST', `${session}/tracks/new`, { tracks: many.slice(1) })).toMatchObject({ status: 200 });
    const mixed = { sessionDescription: OFFER, tracks: [LOCAL, REMOTE] };
    expect(await call('POST', `${session}/tracks/new`, mixed)).toMatchObject(invalid);
  });

  test('too large: 413, and the connection is still good', async () => {
    const body = `"${'x'.repeat(BODY_MAX_BYTES)}"`;
    expect(await call('POST', '/sessions/new', body)).toMatchObject({
      status: 413,
      body: { errorCode: 'payload_too_large' },
    });
    expect((await call('POST', '/sessions/new')).status).toBe(201);
  });

  test('a caller that leaves in the middle harms nobody', async () => {
    const { hostname, port } = new URL(sfu.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(`POST /v1/apps/${APP_ID}/sessions/new HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${APP_TOKEN}\r\n`);
    socket.write('content-length: 100\r\n\r\n{');
    socket.destroy();
    await once(socket, 'close');
    expect((await call('POST', '/sessions/new')).status).toBe(201);
  });
});

describe('a bad description', () => {
  const publish = (sdp: string): object => ({ sessionDescription: { type: 'offer', sdp }, tracks: [LOCAL] });

  test('one that was trimmed cannot be parsed: 400', async () => {
    const body = publish(OFFER.sdp.trimEnd());
    for (const path of ['/sessions/new', `${await newSession()}/tracks/new`])
      expect(await call('POST', path, body)).toMatchObject({
        status: 400,
        body: {
          errorCode: 'invalid_session_description',
          errorDescription: expect.stringMatching(/^Unable to parse SDP.*missing termination at the end$/),
        },
      });
  });

  test.each([
    ['an answer', { ...OFFER, type: 'answer' }],
    ['no section', { type: 'offer', sdp: 'v=0\r\n' }],
    ['no transport', { type: 'offer', sdp: 'v=0\r\nm=audio 9 X 0\r\na=mid:0\r\n' }],
  ])('%s where an offer belongs: 406, and the session is as it was', async (_, sessionDescription) => {
    const session = await newSession();
    expect(await call('POST', `${session}/tracks/new`, { sessionDescription, tracks: [LOCAL] })).toMatchObject({
      status: 406,
      body: { errorCode: 'invalid_session_description' },
    });
    const good = await call('POST', `${session}/tracks/new`, publish(OFFER.sdp));
    expect(good).toMatchObject({ status: 200, body: { tracks: [{ mid: '1', trackName: 'camera' }] } });
  });

  test('an answer nobody waits for: 406', async () => {
    const body = { sessionDescription: { type: 'answer', sdp: goldenSdp('answer') } };
    expect((await call('PUT', `${await newSession()}/renegotiate`, body)).status).toBe(406);
  });
});

describe('a session that is not connected', () => {
  test('takes its first exchange at once, whatever the pull yields', async () => {
    const session = await newSession();
    expect(await call('POST', `${session}/tracks/new`, { tracks: [REMOTE] })).toMatchObject({
      status: 200,
      body: {
        requiresImmediateRenegotiation: false,
        tracks: [{ mid: '', sessionId: UNKNOWN, trackName: 'camera', errorCode: 'not_found_track_error' }],
      },
    });
    expect((await call('GET', session)).body).toEqual({ tracks: [], dataChannels: [] });
  });

  test('a section for both directions counts for nothing until something goes either way', async () => {
    const session = await newSession();
    const mine = { location: 'local', trackName: 'mine', kind: 'video', bidirectionalMediaStream: true };
    expect((await call('POST', `${session}/tracks/new`, { tracks: [mine] })).status).toBe(200);
    expect((await call('GET', session)).body).toEqual({ tracks: [], dataChannels: [] });
  });

  test.each([
    ['/tracks/update', { tracks: [{ ...REMOTE, mid: '0' }] }],
    ['/tracks/close', { tracks: [{ mid: '0' }], force: true }],
  ])('cannot do %s: 425', async (path, body) => {
    expect(await call('PUT', (await newSession()) + path, body)).toMatchObject({
      status: 425,
      body: { errorCode: 'session_error' },
    });
  });

  test('every track that failed: no offer; with an offer of the client’s: an answer with nothing in it', async () => {
    const sessionDescription = { type: 'offer', sdp: goldenSdp('receive') };
    const { status, body } = await call('POST', `${await newSession()}/tracks/new`, {
      sessionDescription,
      tracks: [REMOTE],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ requiresImmediateRenegotiation: false, sessionDescription: { type: 'answer' } });
    expect(JSON.stringify(body)).not.toMatch(/a=(sendonly|recvonly|sendrecv)/);
  });
});

test('more calls in a second than a session may make: 429', async () => {
  const session = await newSession();
  const statuses = await Promise.all(
    Array.from({ length: CALLS_PER_SECOND_MAX + 5 }, async () => (await call('GET', session)).status),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(CALLS_PER_SECOND_MAX);
  expect(statuses.filter((status) => status === 429)).toHaveLength(5);
});
