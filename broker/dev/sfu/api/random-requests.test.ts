import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSfu, type Sfu } from '../sfu.ts';
import { goldenSdp } from '../testing/golden-sdp.ts';

/** Damaged requests of every kind: each gets an answer of the documented shape, none hurts the server. */

const REQUESTS = 1_500;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const APP_ID = 'app';
const HEADERS = { authorization: 'Bearer token' };
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

function body(sessions: readonly string[]): unknown {
  const track = (): object => ({
    location: maybe(pick(['local', 'remote'])),
    mid: maybe(pick(['0', '1', '2', '#camera', undefined])),
    trackName: maybe(pick(['camera', 'microphone', 'x'])),
    sessionId: maybe(pick(sessions)),
    kind: maybe(pick(['audio', 'video', undefined])),
    bidirectionalMediaStream: maybe(random() < 0.3),
    simulcast: maybe(pick([undefined, { preferredRid: 'a' }, { ridNotAvailable: maybe('none') }])),
  });
  return maybe({
    sessionDescription: maybe(pick([undefined, { type: maybe(pick(['offer', 'answer'])), sdp: maybe(damagedSdp()) }])),
    tracks: maybe(Array.from({ length: below(4) }, () => maybe(track()))),
    force: maybe(random() < 0.5),
    autoDiscover: maybe(random() < 0.3),
  });
}

let sfu: Sfu;

beforeAll(async () => {
  const timings = { connectWaitMs: 5, emptyTrackMs: 5, unusedSessionMs: 500, answerDeadlineMs: 300 };
  sfu = await startSfu({ appId: APP_ID, appToken: 'token', timings });
});

afterAll(() => sfu?.close());

test(`${REQUESTS} damaged requests (SEED=${SEED})`, { timeout: 60_000 }, async () => {
  const api = `${sfu.url}/apps/${APP_ID}`;
  const sessions = ['f'.repeat(32)];
  const statuses = new Map<number, number>();
  for (let count = 0; count < REQUESTS; count++) {
    const [method, path] = pick([
      ['POST', '/sessions/new'],
      ['POST', `/sessions/${pick(sessions)}/tracks/new`],
      ['POST', `/sessions/${pick(sessions)}/tracks/new`],
      ['PUT', `/sessions/${pick(sessions)}/renegotiate`],
      ['PUT', `/sessions/${pick(sessions)}/tracks/update`],
      ['PUT', `/sessions/${pick(sessions)}/tracks/close`],
    ] as const);
    const text = pick([undefined, JSON.stringify(body(sessions)), JSON.stringify(body(sessions)), '{"tracks":']);
    const response = await fetch(api + path, {
      method,
      headers: HEADERS,
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = (await response.json()) as { sessionId?: string; errorCode?: string; errorDescription?: string };
    const { status } = response;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (answer.sessionId) sessions.splice(1, sessions.length > 8 ? 1 : 0, answer.sessionId);
    expect(status, `${method} ${path} ${text ?? ''}`).toBeLessThan(500);
    if (status >= 400) expect(answer).toEqual({ errorCode: expect.any(String), errorDescription: expect.any(String) });
  }
  // Else the requests were too damaged to get anywhere.
  for (const status of [200, 201, 400, 406, 410])
    expect(statuses.get(status) ?? 0, `status ${status}`).toBeGreaterThan(0);
  expect((await fetch(`${api}/sessions/new`, { method: 'POST', headers: HEADERS })).status).toBe(201);
});
