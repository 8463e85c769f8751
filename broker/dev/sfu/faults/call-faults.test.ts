import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startSfu, type Sfu } from '../sfu.ts';
import { goldenSdp } from '../testing/golden-sdp.ts';
import { FaultClient } from './fault-client.ts';

/** Faults in calls, as a caller of the API meets them. */

const APP_ID = 'a'.repeat(32);
const APP_TOKEN = 'fault-token';
const UNKNOWN = 'f'.repeat(32);

let sfu: Sfu;
let faults: FaultClient;

beforeAll(async () => {
  sfu = await startSfu({ appId: APP_ID, appToken: APP_TOKEN, controlPort: 0, timings: { unusedSessionMs: 5_000 } });
  faults = new FaultClient(sfu.controlUrl!);
});
afterEach(() => faults.clear());
afterAll(() => sfu?.close());

async function call(method: string, path: string, body?: object, signal?: AbortSignal) {
  const response = await fetch(`${sfu.url}/apps/${APP_ID}${path}`, {
    method,
    headers: { authorization: `Bearer ${APP_TOKEN}` },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  return { status: response.status, text: await response.text() };
}

async function newSession(): Promise<string> {
  const { text } = await call('POST', '/sessions/new');
  return (JSON.parse(text) as { sessionId: string }).sessionId;
}

async function statuses(count: number, path: string): Promise<number[]> {
  const all: number[] = [];
  while (all.length < count) all.push((await call('GET', path)).status);
  return all;
}

async function sessionCount(): Promise<number> {
  return (await faults.sessions()).length;
}

describe('status', () => {
  test('answers so many calls in place of the operation, then lets them through', async () => {
    const before = await sessionCount();
    await faults.set({ type: 'status', status: 503, times: 2, operation: 'sessions/new' });
    const refused = { errorCode: 'internal_error', errorDescription: 'Backend error' };
    for (const _ of [1, 2]) {
      const { status, text } = await call('POST', '/sessions/new');
      expect({ status, body: JSON.parse(text) }).toEqual({ status: 503, body: refused });
    }
    expect(await sessionCount()).toBe(before);
    expect((await call('POST', '/sessions/new')).status).toBe(201);
    expect(await faults.list()).toMatchObject([{ type: 'status', hits: 2 }]);
  });

  test('with 410 after n calls hits one session, and no other', async () => {
    const [session, other] = [await newSession(), await newSession()];
    await faults.set({ type: 'status', status: 410, sessionId: session, after: 2 });
    expect(await statuses(4, `/sessions/${session}`)).toEqual([200, 200, 410, 410]);
    expect(await statuses(4, `/sessions/${other}`)).toEqual([200, 200, 200, 200]);
    const { text } = await call('GET', `/sessions/${session}`);
    expect(JSON.parse(text)).toMatchObject({ errorCode: 'session_error' });
  });

  test.each([
    [401, 'unauthorized'],
    [404, 'not_found'],
    [406, 'invalid_session_description'],
    [413, 'payload_too_large'],
    [425, 'session_error'],
    [429, 'retryable_transient_error'],
    [500, 'internal_error'],
  ])('%i comes with its usual code, %s', async (status, errorCode) => {
    await faults.set({ type: 'status', status });
    const answer = await call('POST', '/sessions/new');
    expect({ ...answer, text: JSON.parse(answer.text).errorCode }).toEqual({ status, text: errorCode });
  });

  test('sends the body it is given: an object as JSON, a string as it is', async () => {
    await faults.set({ type: 'status', status: 200, body: { sessionId: 'made-up' }, times: 1 });
    await faults.set({ type: 'status', status: 502, body: '<html>Bad gateway', times: 1 });
    expect(await call('POST', '/sessions/new')).toEqual({ status: 200, text: '{"sessionId":"made-up"}' });
    expect(await call('POST', '/sessions/new')).toEqual({ status: 502, text: '<html>Bad gateway' });
  });

  test('leaves the other operations alone', async () => {
    const session = await newSession();
    await faults.set({ type: 'status', status: 500, operation: 'tracks/new' });
    expect(await statuses(1, `/sessions/${session}`)).toEqual([200]);
    expect((await call('POST', `/sessions/${session}/tracks/new`, {})).status).toBe(500);
  });
});

test('delay holds a call back, and no other', async () => {
  const [session, other] = [await newSession(), await newSession()];
  await faults.set({ type: 'delay', ms: 300, sessionId: session, operation: 'sessions/get' });
  const start = performance.now();
  const elapsed = async (id: string) => {
    expect(await statuses(1, `/sessions/${id}`)).toEqual([200]);
    return performance.now() - start;
  };
  const [late, prompt] = await Promise.all([elapsed(session), elapsed(other)]);
  expect(late).toBeGreaterThanOrEqual(299);
  expect(prompt).toBeLessThan(late - 100);
});

test('hang does nothing and never answers', async () => {
  const before = await sessionCount();
  await faults.set({ type: 'hang', times: 1 });
  const attempt = call('POST', '/sessions/new', undefined, AbortSignal.timeout(300));
  await expect(attempt).rejects.toThrow(/aborted due to timeout/);
  expect(await sessionCount()).toBe(before);
  expect((await call('POST', '/sessions/new')).status).toBe(201);
});

test('drop-response does the work, and the caller does not hear of it', async () => {
  const before = await sessionCount();
  await faults.set({ type: 'drop-response', times: 1 });
  await expect(call('POST', '/sessions/new')).rejects.toThrow('fetch failed');
  expect(await sessionCount()).toBe(before + 1);
});

describe('track-error', () => {
  const offer = { type: 'offer', sdp: goldenSdp('publish') };
  const microphone = { location: 'local', mid: '0', trackName: 'microphone' };
  const camera = { location: 'local', mid: '1', trackName: 'camera' };

  test('fails one item in its place, and the rest of the call is done', async () => {
    const session = await newSession();
    await faults.set({ type: 'track-error', trackName: 'microphone', errorCode: 'internal_error', times: 1 });
    const body = { sessionDescription: offer, tracks: [microphone, camera] };
    const { status, text } = await call('POST', `/sessions/${session}/tracks/new`, body);
    expect(status).toBe(200);
    const { tracks, sessionDescription } = JSON.parse(text);
    expect(tracks).toEqual([
      { mid: '', trackName: 'microphone', errorCode: 'internal_error', errorDescription: 'Set by a test' },
      { mid: '1', trackName: 'camera' },
    ]);
    expect(sessionDescription.type).toBe('answer');
    const summary = (await faults.sessions()).find(({ sessionId }) => sessionId === session);
    expect(summary?.published).toEqual(['camera']);
  });

  test('fails the only item of a pull: no description, nothing to negotiate', async () => {
    const session = await newSession();
    const errorCode = 'empty_track_error';
    await faults.set({ type: 'track-error', trackName: 'camera', errorCode, errorDescription: 'silent' });
    const remote = { location: 'remote', sessionId: UNKNOWN, trackName: 'camera' };
    const { text } = await call('POST', `/sessions/${session}/tracks/new`, { tracks: [remote] });
    expect(JSON.parse(text)).toEqual({
      requiresImmediateRenegotiation: false,
      tracks: [{ mid: '', sessionId: UNKNOWN, trackName: 'camera', errorCode, errorDescription: 'silent' }],
    });
  });
});

test('faults are listed with their hits, and cleared one by one or together', async () => {
  const first = await faults.set({ type: 'delay', ms: 1 });
  const second = await faults.set({ type: 'delay', ms: 2, times: 1 });
  await call('GET', `/sessions/${UNKNOWN}`);
  await call('GET', `/sessions/${UNKNOWN}`);
  expect(await faults.list()).toEqual([
    { ...first, hits: 2 },
    { ...second, hits: 1 },
  ]);
  await faults.clear(first.id);
  expect((await faults.list()).map(({ id }) => id)).toEqual([second.id]);
  await faults.clear();
  expect(await faults.list()).toEqual([]);
});

describe('the control endpoint', () => {
  async function control(method: string, path: string, body?: string, headers = {}) {
    const response = await fetch(`${sfu.controlUrl}${path}`, { method, headers, ...(body && { body }) });
    return { status: response.status, errorCode: ((await response.json()) as { errorCode?: string }).errorCode };
  }

  test.each([
    '',
    '{',
    '[]',
    '{}',
    '{"type":"nothing"}',
    '{"type":"status"}',
    '{"type":"status","status":99}',
    '{"type":"status","status":500,"body":7}',
    '{"type":"status","status":500,"time":1}',
    '{"type":"status","status":500,"operation":"tracks"}',
    '{"type":"delay","ms":-1}',
    '{"type":"hang","ms":1}',
    '{"type":"track-error","trackName":"camera"}',
    '{"type":"loss","share":1.5}',
    '{"type":"loss","share":0.5,"direction":"left"}',
    '{"type":"latency","ms":10,"operation":"tracks/new"}',
    '{"type":"blackout","direction":"up"}',
    '{"type":"kill","sessionId":""}',
  ])('refuses %s', async (body) => {
    expect(await control('POST', '/faults', body)).toEqual({ status: 400, errorCode: 'decoding_error' });
    expect(await faults.list()).toEqual([]);
  });

  test('refuses what is not there', async () => {
    const fault = JSON.stringify({ type: 'hang', sessionId: UNKNOWN });
    expect(await control('POST', '/faults', fault)).toEqual({ status: 404, errorCode: 'unknown_session' });
    expect(await control('DELETE', '/faults/77')).toEqual({ status: 404, errorCode: 'unknown_fault' });
    expect(await control('GET', '/nothing')).toEqual({ status: 404, errorCode: 'not_found' });
  });

  test('refuses web pages', async () => {
    const origin = { origin: 'https://shop.example' };
    const answer = await control('POST', '/faults', '{"type":"hang"}', origin);
    expect(answer).toEqual({ status: 403, errorCode: 'forbidden' });

    const socket = connect(Number(new URL(sfu.controlUrl!).port), '127.0.0.1');
    socket.end('GET /sessions HTTP/1.1\r\nhost: rebound.example\r\nconnection: close\r\n\r\n');
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1.1 403 /);
  });

  test('listens on loopback alone, whatever the API does; without it there is none', async () => {
    const open = await startSfu({ appId: APP_ID, appToken: APP_TOKEN, address: '0.0.0.0', controlPort: 0 });
    try {
      expect(open.controlUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      // Another address of this machine: Linux has all of 127.0.0.0/8.
      const elsewhere = new URL(open.controlUrl!).port;
      const signal = AbortSignal.timeout(1_000);
      await expect(fetch(`http://127.0.0.2:${elsewhere}/faults`, { signal })).rejects.toThrow();
    } finally {
      await open.close();
    }
    const plain = await startSfu({ appId: APP_ID, appToken: APP_TOKEN });
    expect(plain.controlUrl).toBeUndefined();
    await plain.close();
  });
});
