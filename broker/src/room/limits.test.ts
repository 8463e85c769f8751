import { env } from 'cloudflare:workers';
import { listDurableObjectIds } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { parseJoinResponse, type ClientMessage } from '#protocol';
import { BROKER, MICROPHONE, Member, cleanUp, fetchWith, mint, publishing, refusal, room } from '../testing/client.ts';
import { FakeSfu, failed } from '../testing/fake-sfu.ts';
import { RateLimit } from './rate-limit.ts';

let sfu: FakeSfu;
let log: MockInstance<typeof console.log>;

beforeEach(() => {
  sfu = FakeSfu.install();
  log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => cleanUp());

/** One call to a room that stays awake: what is counted in its memory is kept. */
function post(path: string, bearer: string, body?: object, settings: object = {}): Promise<Response> {
  const request = new Request(`${BROKER}/rooms/${room()}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  return fetchWith({ ...settings }, request);
}

/** How often each status was answered. */
function count(responses: Response[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('RateLimit', () => {
  it('RL1 gives a burst, then as much as time brings, and no more than a burst after a pause', () => {
    const limit = new RateLimit(0.5, 3);
    const taken = (now: number, tries: number) =>
      Array.from({ length: tries }, () => limit.take('a', now)).filter(Boolean).length;
    expect([taken(0, 9), taken(1_999, 9), taken(2_000, 9), taken(1_000_000, 9)]).toEqual([3, 0, 1, 3]);
  });

  it('RL1 keeps keys apart, and a clock that goes back brings nothing', () => {
    const limit = new RateLimit(1, 1);
    expect([limit.take('a', 5_000), limit.take('b', 5_000), limit.take('a', 0)]).toEqual([true, true, false]);
  });

  it('RL1 A21 remembers a bounded number of keys, the latest', () => {
    const limit = new RateLimit(0, 1);
    for (let key = 0; key <= 2_000; key += 1) limit.take(`${key}`, 0);
    expect([limit.take('0', 0), limit.take('2000', 0)]).toEqual([true, false]);
  });
});

describe('one participant asks for too much', () => {
  it('RL1 A11 a thousand joins by one token cost the SFU no more than a few sessions; others get in', async () => {
    const bearer = await mint();
    const responses: Response[] = [];
    for (let index = 0; index < 1000; index += 50) {
      const batch = Array.from({ length: 50 }, () => post('/join', bearer, { protocol: 1, publish: publishing() }));
      responses.push(...(await Promise.all(batch)));
    }
    expect(responses.filter(({ status }) => status !== 429).length).toBeLessThan(20);
    expect(await refusal(responses.at(-1)!)).toBe('429 rate_limited');
    expect(sfu.callsTo('sessions/new').length).toBeLessThan(20);
    expect((await post('/join', await mint({ sub: 'bob' }))).status).toBe(200);
  });

  it('RL1 A11 leaving, and another token of the same sub, change nothing about it', async () => {
    const responses: Response[] = [];
    for (let index = 0; index < 8; index += 1) {
      const response = await post('/join', await mint({ exp: Math.floor(Date.now() / 1000) + 600 + index }));
      responses.push(response.clone() as Response);
      if (response.status === 200) {
        const { memberSecret } = parseJoinResponse(await response.json());
        expect((await post('/leave', memberSecret)).status).toBe(200);
      }
    }
    expect(count(responses)).toEqual({ 200: 6, 429: 2 });
  });

  it('RL1 A11 new sessions count with the joins, by secret and by token alike', async () => {
    const { memberSecret } = parseJoinResponse(await (await post('/join', await mint())).json());
    const responses = [];
    for (let index = 0; index < 8; index += 1)
      responses.push(await post('/sessions/new', index % 2 ? memberSecret : await mint()));
    expect(count(responses)).toEqual({ 201: 5, 429: 3 });
    expect(sfu.callsTo('sessions/new')).toHaveLength(5);
  });

  it('RL2 CL10 A18 a flood of messages reaches others no more than a burst, and ends the flooder’s socket', async () => {
    const ann = await Member.live();
    const bob = await Member.join({ sub: 'bob' });
    await bob.connect();
    const before = bob.inbox.length;
    const frame = (muted: boolean): ClientMessage => ({
      type: 'tracks',
      sessionId: ann.publishSession,
      tracks: [{ ...MICROPHONE, muted }],
    });
    ann.flood(Array.from({ length: 1_000 }, (_, index) => frame(index % 2 === 0)));
    expect(await ann.closed).toBe(4429);
    expect(bob.inbox.length - before).toBeLessThan(60);
    expect((await bob.call('POST', '/ticket')).status).toBe(200);
  });
});

describe('the platform’s limiter, where there is one', () => {
  const limiter = (success: boolean) => {
    const keys: string[] = [];
    const limit = ({ key }: { key: string }) => {
      keys.push(key);
      return Promise.resolve({ success });
    };
    return { keys, RATE_LIMITER: { limit } };
  };

  it('RL3 A11 refuses before the room wakes, by room and sub', async () => {
    const { keys, ...settings } = limiter(false);
    const before = (await listDurableObjectIds(env.ROOMS)).length;
    for (const path of ['/join', '/prepare', '/sessions/new', '/generate-ice-servers'])
      expect(await refusal(await post(path, await mint(), undefined, settings))).toBe('429 rate_limited');
    expect(keys).toEqual(Array.from({ length: 4 }, () => `${room()}/ann`));
    expect((await listDurableObjectIds(env.ROOMS)).length).toBe(before);
  });

  it('RL3 is not asked about strangers, and lets others pass', async () => {
    const { keys, ...settings } = limiter(true);
    expect((await post('/join', await mint({}, new Uint8Array(32).fill(9)), undefined, settings)).status).toBe(401);
    expect(keys).toEqual([]);
    expect((await post('/join', await mint(), undefined, settings)).status).toBe(200);
  });
});

describe('TURN', () => {
  const TURN = { TURN_KEY_ID: 'turn-key', TURN_KEY_API_TOKEN: 'turn-secret' };
  const SERVERS = [
    { urls: ['stun:stun.cloudflare.com:3478', 'stun:stun.cloudflare.com:53'] },
    {
      urls: [
        'turn:turn.cloudflare.com:3478?transport=udp',
        'turn:turn.cloudflare.com:53?transport=udp',
        'turns:turn.cloudflare.com:5349',
      ],
      username: 'u',
      credential: 'c',
    },
    { urls: ['stun:stun.cloudflare.com:53'] },
  ];
  const FILTERED = [
    { urls: ['stun:stun.cloudflare.com:3478'] },
    {
      urls: ['turn:turn.cloudflare.com:3478?transport=udp', 'turns:turn.cloudflare.com:5349'],
      username: 'u',
      credential: 'c',
    },
  ];
  const credentials = () => {
    const answer = () => Response.json({ iceServers: SERVERS }, { status: 201 });
    sfu.once('/turn/', answer, { misshapen: 'an entry more than there should be, of which nothing may be left' });
  };

  it('TU1 A12 a join brings credentials of its own, for 4 hours, without port 53', async () => {
    credentials();
    const joined = parseJoinResponse(await (await post('/join', await mint(), undefined, TURN)).json());
    expect(joined.iceServers).toEqual(FILTERED);
    expect(sfu.calls).toMatchObject([
      {
        method: 'POST',
        url: 'https://sfu.test/v1/turn/keys/turn-key/credentials/generate-ice-servers',
        headers: { authorization: 'Bearer turn-secret' },
        body: { ttl: 14_400 },
      },
    ]);
    expect(JSON.stringify(joined)).not.toContain('turn-secret');
  });

  it('TU2 A12 they are had again with a member secret or a room token, and by nobody else', async () => {
    const { memberSecret } = parseJoinResponse(await (await post('/join', await mint())).json());
    for (const bearer of [memberSecret, await mint({ sub: 'bob' })]) {
      credentials();
      const response = await post('/generate-ice-servers', bearer, undefined, TURN);
      expect(await response.json()).toEqual({ iceServers: FILTERED });
    }
    const before = sfu.calls.length;
    for (const bearer of ['x', 'x'.repeat(43), await mint({ room: 'other' }), await mint({ exp: 1 })])
      expect(await refusal(await post('/generate-ice-servers', bearer, undefined, TURN))).toBe('401 unauthorized');
    expect(sfu.calls).toHaveLength(before);
  });

  it('TU2 A12 twenty calls by one member are too many', async () => {
    const { memberSecret } = parseJoinResponse(await (await post('/join', await mint())).json());
    const responses = [];
    for (let index = 0; index < 20; index += 1) {
      responses.push(await post('/generate-ice-servers', memberSecret, undefined, TURN));
    }
    expect(count(responses)).toEqual({ 200: 5, 429: 15 });
    expect(sfu.callsTo('/turn/')).toHaveLength(5);
  });

  const faults: [name: string, answer: () => Response | Promise<never>, misshapen?: string][] = [
    ['refuses', () => failed(401, 'unauthorized')],
    ['is down', () => Promise.reject(new TypeError('refused'))],
    ['answers nonsense', () => Response.json({ iceServers: [{ urls: ['javascript:alert(1)'] }] }), 'nonsense'],
    ['answers nothing', () => Response.json({}), 'nothing'],
  ];
  it.each(faults)('TU1 where TURN %s the join goes on without', async (_name, answer, misshapen = '') => {
    sfu.once('/turn/', answer, { misshapen });
    const response = await post('/join', await mint(), undefined, TURN);
    expect(parseJoinResponse(await response.json()).iceServers).toEqual([]);
    const lines = log.mock.calls.map(([line]) => String(line));
    expect(lines.some((line) => line.includes('turn_failed'))).toBe(true);
    expect(lines.join()).not.toContain('turn-secret');
  });
});
