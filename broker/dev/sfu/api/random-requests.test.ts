import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkAnswer } from '../schema/check.ts';
import { SessionRegistry } from '../session/session-registry.ts';
import { startSfu } from '../sfu.ts';
import { goldenSdp } from '../testing/golden-sdp.ts';
import { DEFAULT_TIMINGS } from '../timings.ts';
import { startDatachannelEngine } from '../transport/datachannel-engine.ts';
import type { Engine } from '../transport/raw-transport.ts';
import { ApiError } from './api-error.ts';
import { route, type ApiResponse } from './routes.ts';

/**
 * Damaged requests of every kind, ten thousand in all: each gets an answer of the API's shape, none hurts the server.
 * Most go straight to the operations, so that they take seconds; the others come by HTTP.
 */

const DIRECT = 9_000;
const BY_HTTP = 1_000;
/** So many at a time, that they meet each other. */
const AT_ONCE = 6;
const TIMINGS = { connectWaitMs: 5, emptyTrackMs: 5, unusedSessionMs: 2_000, answerDeadlineMs: 1_000, ackWaitMs: 50 };
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const SDPS = (['publish', 'simulcast', 'receive', 'answer', 'stopped'] as const).map(goldenSdp);
const JUNK = [null, '', '0', 0, -1, true, [], {}, '#', 'x'.repeat(3_000), '\u0000', '../..', 1e99];

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(SEED);
const below = (limit: number): number => Math.floor(random() * limit);
const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;

function damagedSdp(): string {
  const lines = pick(SDPS).split('\r\n');
  for (let count = below(3); count > 0; count--) {
    const index = below(lines.length);
    const line = lines[index]!;
    const at = below(line.length + 1);
    lines.splice(
      index,
      1,
      ...pick<string[]>([[], [line, line], [line.slice(0, at)], [`${line.slice(0, at)}9${line.slice(at)}`]]),
    );
  }
  return lines.join(pick(['\r\n', '\r\n', '\r\n', '\n', '']));
}

/** A plausible value, or junk in its place. */
function maybe<T>(value: T): unknown {
  return random() < 0.04 ? pick(JUNK) : value;
}

function body(): object {
  const track = (): object => ({
    location: maybe(pick(['local', 'remote'])),
    mid: maybe(pick(['0', '1', '2', '#camera', undefined])),
    trackName: maybe(pick(['camera', 'microphone', 'x'])),
    sessionId: maybe(pick(sessions)),
    kind: maybe(pick(['audio', 'video', undefined])),
    bidirectionalMediaStream: maybe(random() < 0.3),
    simulcast: maybe(pick([undefined, { preferredRid: 'a' }, { ridNotAvailable: maybe('none') }])),
    endpoint: maybe('wss://example.com'),
    inputCodec: maybe('pcm'),
    adapterId: maybe('x'),
  });
  const channel = (): object => ({
    location: maybe(pick(['local', 'remote'])),
    dataChannelName: maybe(pick(['chat', 'server-events'])),
    sessionId: maybe(pick(sessions)),
    ordered: maybe(pick([undefined, false])),
    maxRetransmits: maybe(pick([undefined, 0])),
    canReply: maybe(random() < 0.5),
    id: maybe(below(8)),
  });
  const some = (item: () => object): unknown => maybe(Array.from({ length: below(4) }, () => maybe(item())));
  return {
    sessionDescription: maybe(pick([undefined, { type: maybe(pick(['offer', 'answer'])), sdp: maybe(damagedSdp()) }])),
    tracks: some(track),
    dataChannels: some(channel),
    dataChannel: maybe({ location: maybe('remote'), dataChannelName: maybe('server-events') }),
    force: maybe(random() < 0.5),
    autoDiscover: maybe(random() < 0.3),
  };
}

interface RandomCall {
  method: string;
  /** Behind the app's id. */
  path: string;
  /** JSON, or what was to be JSON. */
  text: string | undefined;
}

function randomCall(): RandomCall {
  const [method, operation] = pick(OPERATIONS);
  const path = operation.replace('{session}', pick(sessions));
  const text = pick([undefined, ...Array.from({ length: 8 }, () => JSON.stringify(maybe(body()))), '{"tracks":']);
  return { method, path, text };
}

/** New sessions come often, so that few calls meet the limit of calls a second. */
const OPERATIONS = [
  ['POST', '/sessions/new'],
  ['POST', '/sessions/new'],
  ['POST', '/sessions/new'],
  ['GET', '/sessions/{session}'],
  ['POST', '/sessions/{session}/tracks/new'],
  ['POST', '/sessions/{session}/tracks/new'],
  ['POST', '/sessions/{session}/tracks/new'],
  ['PUT', '/sessions/{session}/renegotiate'],
  ['PUT', '/sessions/{session}/tracks/update'],
  ['PUT', '/sessions/{session}/tracks/close'],
  ['POST', '/sessions/{session}/datachannels/establish'],
  ['POST', '/sessions/{session}/datachannels/new'],
  ['PUT', '/sessions/{session}/datachannels/update'],
  ['PUT', '/sessions/{session}/datachannels/close'],
  ['POST', '/adapters/websocket/new'],
  ['POST', '/adapters/websocket/close'],
] as const;

const sessions = ['f'.repeat(32)];
const statuses = new Map<number, number>();

/** Looks an answer over and remembers it. */
function examine({ method, path, text }: RandomCall, { status, body }: ApiResponse): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const { sessionId } = body as { sessionId?: string };
  if (sessionId) sessions.splice(1, sessions.length > 8 ? 1 : 0, sessionId);
  const isFit = status < 500 || path.startsWith('/adapters/');
  const violation = checkAnswer({ method, path: `/apps/app${path}` }, status, body);
  if (!isFit || violation) expect.fail(`${method} ${path} ${text}: ${status} ${violation?.problems.join()}`);
}

async function many(count: number, perform: (call: RandomCall) => Promise<ApiResponse>): Promise<void> {
  statuses.clear();
  const worker = async (): Promise<void> => {
    while (count-- > 0) {
      const call = randomCall();
      examine(call, await perform(call));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  // Else the requests were too damaged to get anywhere.
  for (const status of [200, 201, 400, 406, 410, 425])
    expect(statuses.get(status) ?? 0, `status ${status}`).toBeGreaterThan(0);
}

let engine: Engine;
let registry: SessionRegistry;

beforeAll(async () => {
  engine = await startDatachannelEngine('127.0.0.1');
  registry = new SessionRegistry(engine, { ...DEFAULT_TIMINGS, ...TIMINGS });
});

afterAll(async () => {
  registry?.close();
  await engine?.close();
});

test(`${DIRECT} damaged calls (SEED=${SEED})`, { timeout: 60_000 }, async () => {
  await many(DIRECT, async ({ method, path, text }) => {
    try {
      const body: unknown = text === undefined ? undefined : JSON.parse(text);
      return await route(registry, method, path.split('/').slice(1), body);
    } catch (error) {
      if (error instanceof SyntaxError) return { status: 400, body: { errorCode: 'x', errorDescription: '' } };
      if (!(error instanceof ApiError)) throw new Error(`${method} ${path} ${text}`, { cause: error });
      return { status: error.status, body: { errorCode: error.code, errorDescription: error.message } };
    }
  });
  expect((await route(registry, 'POST', ['sessions', 'new'], undefined)).status).toBe(201);
});

test(`${BY_HTTP} damaged requests (SEED=${SEED})`, { timeout: 60_000 }, async () => {
  const sfu = await startSfu({ appId: 'app', appToken: 'token', timings: TIMINGS });
  const request = async ({ method, path, text }: RandomCall): Promise<ApiResponse> => {
    const response = await fetch(`${sfu.url}/apps/app${path}`, {
      method,
      headers: { authorization: 'Bearer token' },
      ...(text === undefined || method === 'GET' ? {} : { body: text }),
    });
    return { status: response.status, body: (await response.json()) as object };
  };
  try {
    sessions.length = 1;
    await many(BY_HTTP, request);
    expect((await request({ method: 'POST', path: '/sessions/new', text: undefined })).status).toBe(201);
  } finally {
    await sfu.close();
  }
});
