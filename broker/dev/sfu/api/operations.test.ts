import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FaultClient } from '../faults/fault-client.ts';
import { OPERATIONS } from '../schema/operations.ts';
import { goldenSdp } from '../testing/golden-sdp.ts';
import { startSfu, type Sfu } from '../sfu.ts';

/** The operations beside sessions and tracks, and that none of the API's is missing. */

const APP_ID = 'a'.repeat(32);
const KEY_ID = 'b'.repeat(32);
const TOKENS: Readonly<Record<string, string>> = { apps: 'app-token', turn: 'turn-token' };

let sfu: Sfu;
let seen = 0;

beforeAll(async () => {
  sfu = await startSfu({
    appId: APP_ID,
    appToken: TOKENS['apps']!,
    turnKey: { id: KEY_ID, token: TOKENS['turn']! },
    timings: { connectWaitMs: 20 },
    controlPort: 0,
  });
});

afterAll(() => sfu?.close());

interface Answer {
  status: number;
  body: Record<string, unknown> | undefined;
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  token = TOKENS[path.split('/')[1]!]!,
): Promise<Answer> {
  const response = await fetch(sfu.url + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : undefined };
}

async function newSession(query = ''): Promise<string> {
  const { status, body } = await call('POST', `/apps/${APP_ID}/sessions/new${query}`);
  expect(status).toBe(201);
  return String(body!['sessionId']);
}

/** What was noted since the last look. */
function newViolations(): string[] {
  const all = sfu.violations().map(({ by, problems }) => `${by}: ${problems.join()}`);
  return all.slice(seen, (seen = all.length));
}

test.each(OPERATIONS.map(({ method, path }) => [method, path]))('%s %s is answered', async (method, path) => {
  const values: Readonly<Record<string, string>> = { app: APP_ID, key: KEY_ID, username: 'u' };
  const session = await newSession();
  const { status, body } = await call(
    method!,
    path!.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? session),
    method === 'GET' || path!.endsWith('sessions/new') || path!.endsWith('revoke') ? undefined : {},
  );
  expect(status === 404 ? body : undefined).toBeUndefined();
  expect(status).toBeLessThan(500);
  newViolations();
});

test('a session takes a label and the mark of an ICE-lite peer', async () => {
  newViolations();
  await newSession('?thirdparty=true&correlationId=room-42');
  expect(newViolations()).toEqual([]);
  await newSession('?correlation=room-42');
  expect(newViolations()).toEqual(['caller: ?correlation: is not a parameter of the API']);
  expect(await new FaultClient(sfu.controlUrl!).violations()).toEqual(sfu.violations());
});

describe('TURN credentials', () => {
  const credentials = `/turn/keys/${KEY_ID}/credentials`;
  const relay = {
    urls: expect.arrayContaining([expect.stringMatching(/^turn:.*:53\?transport=udp$/)]),
    username: expect.any(String),
    credential: expect.any(String),
  };

  test('go straight into a peer connection; port 53 is among the addresses', async () => {
    const { status, body } = await call('POST', `${credentials}/generate-ice-servers`, {
      ttl: 172_800,
      customIdentifier: 'room',
    });
    expect([status, body]).toEqual([201, { iceServers: [{ urls: expect.any(Array) }, relay] }]);
    expect(JSON.stringify(body)).not.toContain('cloudflare');
  });

  test('of the older operation are one object', async () => {
    const { status, body } = await call('POST', `${credentials}/generate`, { ttl: 60 });
    expect([status, body]).toEqual([201, { iceServers: relay }]);
  });

  test('are another’s every time, and may be revoked', async () => {
    const usernames = await Promise.all(
      [1, 2].map(async () => {
        const { body } = await call('POST', `${credentials}/generate`, { ttl: 60 });
        return (body!['iceServers'] as { username: string }).username;
      }),
    );
    expect(new Set(usernames).size).toBe(2);
    expect(await call('POST', `${credentials}/${usernames[0]}/revoke`)).toEqual({ status: 204, body: undefined });
  });

  test('are not for the bearer of the app, nor for another key', async () => {
    const request = ['POST', `${credentials}/generate`, { ttl: 60 }] as const;
    expect(await call(...request, TOKENS['apps'])).toMatchObject({
      status: 401,
      body: { errorCode: 'unauthorized' },
    });
    expect(await call('POST', '/turn/keys/other/credentials/generate', { ttl: 60 })).toMatchObject({
      status: 404,
      body: { errorCode: 'not_found' },
    });
    expect(await call('POST', `/apps/${APP_ID}/sessions/new`, undefined, TOKENS['turn'])).toMatchObject({
      status: 401,
    });
  });

  test.each([{}, { ttl: '60' }, { ttl: 172_801 }, { ttl: 0 }])('not for %j: 400', async (body) => {
    expect(await call('POST', `${credentials}/generate-ice-servers`, body)).toMatchObject({
      status: 400,
      body: { errorCode: 'decoding_error', errorDescription: expect.stringContaining('ttl') },
    });
  });
});

describe('data channels', () => {
  const remote = { location: 'remote', sessionId: 'f'.repeat(32), dataChannelName: 'chat' };
  const local = { location: 'local', dataChannelName: 'chat' };
  const events = { location: 'remote', dataChannelName: 'server-events' };

  test('an offer without a section for them sets nothing up: 400', async () => {
    const path = `/apps/${APP_ID}/sessions/${await newSession()}/datachannels/establish`;
    const offer = (sdp: string): object => ({ dataChannel: events, sessionDescription: { type: 'offer', sdp } });
    expect(await call('POST', path, offer(goldenSdp('receive')))).toMatchObject({
      status: 400,
      body: { errorCode: 'decoding_error' },
    });
    expect(await call('POST', path, offer(goldenSdp('publish')))).toMatchObject({ status: 200 });
  });

  test.each<[string, string, unknown, number, string]>([
    ['POST', 'establish', undefined, 400, 'body'],
    ['POST', 'establish', {}, 400, 'dataChannel'],
    ['POST', 'establish', { dataChannel: { ...events, location: 'local' } }, 400, 'dataChannel.location'],
    ['POST', 'establish', { dataChannel: { ...events, dataChannelName: 'chat' } }, 406, 'server-events'],
    ['POST', 'new', {}, 400, 'dataChannels'],
    ['POST', 'new', { dataChannels: [] }, 400, 'dataChannels'],
    ['POST', 'new', { dataChannels: [local, { ...remote, sessionId: 5 }, null] }, 400, '1,2'],
    ['POST', 'new', { dataChannels: [{ ...local, ordered: 'yes' }] }, 400, '0'],
    ['POST', 'new', { dataChannels: [{ ...local, maxRetransmits: -1 }] }, 400, '0'],
    ['POST', 'new', { dataChannels: [{ ...local, maxRetransmits: 0, maxPacketLifeTime: 0 }] }, 406, 'exclude'],
    ['POST', 'new', { dataChannels: [local, remote] }, 406, 'not supported'],
    ['PUT', 'update', { dataChannels: [remote] }, 400, '0'],
    ['PUT', 'update', { dataChannels: [{ ...local, canReply: true }] }, 400, '0'],
    ['PUT', 'close', { dataChannels: [{ id: '1' }, {}] }, 400, '0,1'],
  ])('%s %s %j: %i names %s', async (method, operation, body, status, reason) => {
    const path = `/apps/${APP_ID}/sessions/${await newSession()}/datachannels/${operation}`;
    expect(await call(method, path, body)).toEqual({
      status,
      body: { errorCode: expect.any(String), errorDescription: expect.stringContaining(reason) },
    });
  });

  test.each([
    ['POST', 'new', { dataChannels: [local] }],
    ['PUT', 'update', { dataChannels: [{ ...remote, canReply: true }] }],
    ['PUT', 'close', { dataChannels: [{ id: 1 }] }],
  ])('%s %s waits for a connection, then 425', async (method, operation, body) => {
    const path = `/apps/${APP_ID}/sessions/${await newSession()}/datachannels/${operation}`;
    expect(await call(method, path, body)).toMatchObject({ status: 425, body: { errorCode: 'session_error' } });
  });
});

describe('WebSocket adapters', () => {
  const adapters = `/apps/${APP_ID}/adapters/websocket`;
  const ingest = { location: 'local', trackName: 'tts', endpoint: 'wss://example.com/in', inputCodec: 'pcm' };
  const egress = {
    location: 'remote',
    sessionId: 'f'.repeat(32),
    trackName: 'camera',
    endpoint: 'wss://example.com/out',
    outputCodec: 'jpeg',
  };

  test('cannot be made here: 503, every item says why', async () => {
    newViolations();
    const failed = { errorCode: 'websocket_handshake_failed', errorDescription: expect.any(String) };
    expect(await call('POST', `${adapters}/new`, { tracks: [ingest, egress] })).toEqual({
      status: 503,
      body: {
        tracks: [
          { trackName: 'tts', ...failed },
          { trackName: 'camera', ...failed },
        ],
      },
    });
    expect(await call('POST', `${adapters}/close`, { tracks: [{ adapterId: 'a1' }] })).toEqual({
      status: 503,
      body: { tracks: [{ adapterId: 'a1', errorCode: 'adapter_not_found', errorDescription: expect.any(String) }] },
    });
    expect(newViolations()).toEqual([]);
  });

  test.each([
    ['new', { tracks: [] }, 406, 'invalid_params'],
    ['new', { tracks: Array.from({ length: 5 }, () => ingest) }, 406, 'invalid_params'],
    ['new', { tracks: [{ ...ingest, endpoint: 'https://example.com' }] }, 406, 'invalid_params'],
    ['new', { tracks: [{ ...egress, sessionId: undefined }] }, 406, 'invalid_params'],
    ['new', { tracks: [{ ...ingest, trackName: 5 }] }, 400, 'decoding_error'],
    ['new', { tracks: {} }, 400, 'decoding_error'],
    ['new', undefined, 400, 'decoding_error'],
    ['close', { tracks: [{}] }, 406, 'invalid_params'],
    ['close', { tracks: [{ adapterId: 5 }] }, 400, 'decoding_error'],
  ])('%s %j: %i %s', async (action, body, status, errorCode) => {
    expect(await call('POST', `${adapters}/${action}`, body)).toMatchObject({ status, body: { errorCode } });
  });
});
