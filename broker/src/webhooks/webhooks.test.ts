import { env, exports } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import type { WebhookEvent } from '#protocol';
import { FakeReceiver, WEBHOOK_SECRET } from '../testing/fake-receiver.ts';
import { FakeSfu } from '../testing/fake-sfu.ts';
import { BROKER, Member, cleanUp, fetchWith, mint, refusal, room, step } from '../testing/client.ts';
import { deliver } from './deliver.ts';
import { Outbox, type Outgoing } from './outbox.ts';
import { parseWebhookTarget } from './webhook-target.ts';

let receiver: FakeReceiver;
let log: MockInstance<typeof console.log>;

beforeEach(() => {
  FakeSfu.install();
  receiver = FakeReceiver.install();
  log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await cleanUp();
  FakeReceiver.uninstall();
});

const stub = () => env.ROOMS.getByName(room());
const STARTED: WebhookEvent = { id: 'first', type: 'room.started', at: 1_000, room: 'r', call: 'c' };
const fail = () => new Response('no', { status: 500 });
const logged = (event: string) => log.mock.calls.filter(([line]) => String(line).includes(`"event":"${event}"`));

/** Events that are stored; undefined where nothing is stored at all. */
function countStored(): Promise<number | undefined> {
  return runInDurableObject(stub(), (_object, { storage }) => {
    const hasTable = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'webhook'").toArray().length > 0;
    return hasTable ? storage.sql.exec('SELECT id FROM webhook').toArray().length : undefined;
  });
}

/** Lets time pass and the alarm ring. */
async function pass(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(stub());
}

/** A call that does not evict the object behind it, so that what is on its way arrives. */
async function post(path: string, bearer: string): Promise<Record<string, never>> {
  const headers = { authorization: `Bearer ${bearer}` };
  const response = await exports.default.fetch(`${BROKER}/rooms/${room()}/${path}`, { method: 'POST', headers });
  expect(response.ok).toBe(true);
  return response.json();
}

/** Somebody who is in the room, and can leave it. */
async function join(claims: Record<string, unknown> = {}): Promise<{ id: string; leave: () => Promise<unknown> }> {
  const { self, memberSecret } = await post('join', await mint(claims));
  return { id: (self as unknown as { id: string }).id, leave: () => post('leave', memberSecret!) };
}

/** As a receiver checks it, by the book. */
async function isSigned({ headers, body }: FakeReceiver['deliveries'][number], secret = WEBHOOK_SECRET) {
  const bytes = Uint8Array.from(atob(secret.replace('whsec_', '')), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  const [version, signature = ''] = (headers.get('webhook-signature') ?? '').split(',');
  const text = `${headers.get('webhook-id')}.${headers.get('webhook-timestamp')}.${body}`;
  const given = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0));
  return version === 'v1' && crypto.subtle.verify('HMAC', key, given, new TextEncoder().encode(text));
}

describe('what a backend is told', () => {
  it('WH1 the call begins, people come and go, and in the end it has lasted', async () => {
    const ann = await join({ name: 'Ann', sub: 'user-1' });
    vi.setSystemTime(Date.now() + 10_000);
    const bob = await join({ name: 'Bob', sub: 'user-2' });
    vi.setSystemTime(Date.now() + 10_000);
    await ann.leave();
    vi.setSystemTime(Date.now() + 5_000);
    await bob.leave();
    const events = await receiver.until(6);
    const a = { id: ann.id, sub: 'user-1' };
    const b = { id: bob.id, sub: 'user-2' };
    expect(events.map(({ id: _id, at: _at, room: _room, call: _call, ...rest }) => rest)).toEqual([
      { type: 'room.started' },
      { type: 'participant.joined', participant: a },
      { type: 'participant.joined', participant: b },
      { type: 'participant.left', participant: a, reason: 'left' },
      { type: 'participant.left', participant: b, reason: 'left' },
      { type: 'room.ended', usage: { seconds: 25, peakParticipants: 2, participantSeconds: 35 } },
    ]);
    expect(new Set(events.map((event) => event.id)).size).toBe(6);
    expect(new Set(events.map((event) => `${event.room} ${event.call}`)).size).toBe(1);
    expect(events[0]?.room).toBe(room());
    expect(events.map(({ at }) => at - (events[0]?.at ?? 0))).toEqual([0, 0, 10_000, 20_000, 25_000, 25_000]);
  });

  it('WH1 the next call of a room is another one', async () => {
    for (const sub of ['ann', 'bob']) await (await join({ sub })).leave();
    const events = await receiver.until(8);
    expect(receiver.types.slice(4)).toEqual(receiver.types.slice(0, 4));
    expect(events[4]?.call).not.toBe(events[0]?.call);
  });

  it('WH1 who takes their own seat again has not come again; who is removed, or lost, has left', async () => {
    const host = await Member.join({ sub: 'host', role: 'host' });
    await host.connect();
    const bob = await join({ sub: 'bob' });
    await join({ sub: 'bob' });
    await join({ sub: 'carol' });
    await host.say({ type: 'remove', id: bob.id });
    await pass(25_000);
    await pass(25_000);
    const seen = new Map((await receiver.until(7)).map((event) => [event.id, event]));
    const told = [...seen.values()].map((event) =>
      'participant' in event ? [event.type, event.participant.sub, 'reason' in event && event.reason] : [event.type],
    );
    expect(told).toEqual([
      ['room.started'],
      ['participant.joined', 'host', false],
      ['participant.joined', 'bob', false],
      ['participant.joined', 'carol', false],
      ['participant.left', 'bob', 'removed'],
      ['participant.left', 'carol', 'lost'],
      ['participant.left', 'host', 'lost'],
      ['room.ended'],
    ]);
  });

  it('WH1 a client of the SFU’s API comes and goes like others', async () => {
    const token = await mint();
    await post('sessions/new', token);
    await post('leave', token);
    await receiver.until(4);
    expect(receiver.types).toEqual(['room.started', 'participant.joined', 'participant.left', 'room.ended']);
  });

  it('WH1 who waits has not come', async () => {
    await join({ sub: 'host', role: 'host' });
    await join({ sub: 'eve', lobby: true });
    await receiver.until(2);
    expect(receiver.types).toEqual(['room.started', 'participant.joined']);
  });

  it('WH1 nothing is told, and nothing kept, where no webhook is set up', async () => {
    FakeReceiver.uninstall();
    const ann = await join();
    expect(await countStored()).toBe(0);
    await ann.leave();
    expect(receiver.deliveries).toEqual([]);
  });

  it('WH2 no name, role, token, secret or address: the id, and the sub of the token', async () => {
    const token = await mint({ name: 'Ann Example', sub: 'user-1' });
    const { memberSecret, ticket } = await post('join', token);
    await receiver.until(2);
    for (const { body } of receiver.deliveries)
      for (const text of ['Ann', 'guest', token, memberSecret!, ticket!]) expect(body).not.toContain(text);
    expect(Object.keys((receiver.deliveries[1]!.event as WebhookEvent & { participant: object }).participant)).toEqual([
      'id',
      'sub',
    ]);
  });
});

describe('signatures', () => {
  it('WH3 are what the Standard Webhooks say, over id, time and body', async () => {
    vi.setSystemTime(1_800_000_000_900);
    await join();
    await receiver.until(2);
    for (const delivery of receiver.deliveries) {
      expect(await isSigned(delivery)).toBe(true);
      expect(await isSigned({ ...delivery, body: `${delivery.body} ` })).toBe(false);
      expect(delivery.headers.get('webhook-id')).toBe(delivery.event.id);
      expect(delivery.headers.get('webhook-timestamp')).toBe('1800000000');
      expect(delivery.headers.get('content-type')).toBe('application/json');
    }
  });

  it('WH3 agree with the example of that specification', async () => {
    const bytes = Uint8Array.from(atob('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'), (character) => character.charCodeAt(0));
    const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const fetched = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response());
    const event = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', attempts: 0 };
    expect(await deliver({ url: 'https://hooks.test/', keys: [key] }, event, 1_614_265_330_000)).toBe(true);
    expect(new Headers(fetched.mock.lastCall?.[1]?.headers).get('webhook-signature')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('WH3 there are two while the secret is changed, and no third', async () => {
    const other = `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`;
    Object.assign(env, { WEBHOOK_SECRET: `${other} ${WEBHOOK_SECRET}` });
    await join();
    await receiver.until(2);
    const [delivery] = receiver.deliveries;
    const signatures = delivery!.headers.get('webhook-signature')!.split(' ');
    expect(signatures).toHaveLength(2);
    for (const [index, secret] of [other, WEBHOOK_SECRET].entries())
      expect(
        await isSigned({ ...delivery!, headers: withSignature(delivery!.headers, signatures[index]!) }, secret),
      ).toBe(true);
    await expect(parseWebhookTarget('https://hooks.test', `${other} ${other} ${other}`)).rejects.toThrow('one secret');
  });
});

function withSignature(headers: Headers, signature: string): Headers {
  const copy = new Headers(headers);
  copy.set('webhook-signature', signature);
  return copy;
}

describe('a receiver that fails', () => {
  const table: [name: string, answer: () => Response | Promise<Response>][] = [
    ['fails', fail],
    ['refuses', () => new Response(null, { status: 401 })],
    ['redirects', () => new Response(null, { status: 307, headers: { location: 'https://canary.test/' } })],
    ['cannot be reached', () => Promise.reject(new TypeError('no connection'))],
  ];
  it.each(table)('WH4 that %s gets the same event again, later, and the others behind it', async (_name, answer) => {
    receiver.next(answer, answer);
    await join();
    await receiver.until(1);
    await pass(14_000);
    expect(receiver.types).toEqual(['room.started']);
    await pass(1_000);
    await receiver.until(2);
    await pass(29_000);
    expect(receiver.types).toEqual(['room.started', 'room.started']);
    await pass(1_000);
    await receiver.until(6);
    // Nobody has come back within 25 s meanwhile.
    expect(receiver.types.slice(2)).toEqual(['room.started', 'participant.joined', 'participant.left', 'room.ended']);
    const [first, , third] = receiver.deliveries;
    expect(third!.body).toBe(first!.body);
    expect(third!.headers.get('webhook-id')).toBe(first!.headers.get('webhook-id'));
    expect(Number(third!.headers.get('webhook-timestamp'))).toBeGreaterThanOrEqual(
      Number(first!.headers.get('webhook-timestamp')) + 45,
    );
    expect(await isSigned(third!)).toBe(true);
    expect(first!.redirect).toBe('manual');
    expect(logged('webhook_failed')).toHaveLength(2);
  });

  it('WH4 an attempt ends after its time, and its answer is not waited for', async () => {
    vi.mocked(globalThis.fetch).mockImplementation(
      (_input, init) =>
        new Promise((_resolve, reject) => {
          init!.signal!.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
        }),
    );
    const target = await parseWebhookTarget('https://hooks.test/', WEBHOOK_SECRET);
    expect(await deliver(target!, { id: 'a', body: '{}', attempts: 0 }, 0, 20)).toBe(false);
    expect(logged('webhook_failed')).toHaveLength(1);
  });

  it('WH5 an event is given up after twelve tries, and the next one has its own', async () => {
    receiver.next(...Array.from({ length: 12 }, () => fail));
    await (await join()).leave();
    await receiver.until(1);
    for (let attempt = 2; attempt <= 12; attempt += 1) {
      await pass(60 * 60 * 1000);
      await receiver.until(attempt);
    }
    expect(new Set(receiver.types)).toEqual(new Set(['room.started']));
    await pass(60 * 60 * 1000);
    await receiver.until(15);
    expect(receiver.types.slice(12)).toEqual(['participant.joined', 'participant.left', 'room.ended']);
    expect(String(logged('webhook_given_up'))).toContain('"events":1');
  });

  it('WH5 A21 a day old it is given up, and then the room is forgotten', async () => {
    receiver.next(...Array.from({ length: 99 }, () => fail));
    await (await join()).leave();
    await receiver.until(1);
    expect(await countStored()).toBe(4);
    await pass(24 * 60 * 60 * 1000 - 1_000);
    await receiver.until(2);
    expect(await countStored()).toBe(4);
    await pass(60 * 60 * 1000);
    expect(await countStored()).toBeUndefined();
    expect(String(logged('webhook_given_up'))).toContain('"events":4');
  });

  it('WH5 A21 at most five hundred wait, the latest', () => {
    const waiting = new Map<string, Outgoing>();
    const outbox = new Outbox(waiting);
    for (let index = 0; index < 600; index += 1) outbox.add({ ...STARTED, id: `${index}` });
    const ids = [...waiting.keys()];
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([500, '100', '599']);
    expect(logged('webhook_given_up')).toHaveLength(100);
  });

  it('WH6 delays nobody, and keeps no room from ending', async () => {
    const held = { isReleased: false };
    receiver.next(async () => {
      while (!held.isReleased) await scheduler.wait(2);
      return new Response(null, { status: 204 });
    });
    await join();
    await receiver.until(1);
    await (await join({ sub: 'bob' })).leave();
    expect(receiver.types).toEqual(['room.started']);
    held.isReleased = true;
    await receiver.until(4);
    expect(receiver.types).toEqual(['room.started', 'participant.joined', 'participant.joined', 'participant.left']);
  });

  it('WH6 who joins while events of the last call wait begins a new call', async () => {
    receiver.next(fail);
    await (await join()).leave();
    await receiver.until(1);
    expect(await countStored()).toBe(4);
    const bob = await Member.join({ sub: 'bob' });
    expect(bob.joined.roster).toMatchObject({ participants: [{ id: bob.id }] });
    await pass(15_000);
    const calls = (await receiver.until(7)).map(({ call }) => call);
    expect([new Set(calls.slice(0, 5)).size, new Set(calls.slice(5)).size, new Set(calls).size]).toEqual([1, 1, 2]);
    expect(receiver.types.slice(1)).toEqual([
      'room.started',
      'participant.joined',
      'participant.left',
      'room.ended',
      'room.started',
      'participant.joined',
    ]);
  });

  it('WH6 with the last event that is taken the room is forgotten', async () => {
    await (await join()).leave();
    await receiver.until(4);
    expect(await countStored()).toBeUndefined();
  });

  it('WH4 RM13 what an object has not sent the next one does, in its time', async () => {
    receiver.next(fail);
    await join();
    await receiver.until(1);
    await step();
    await pass(15_000);
    await receiver.until(3);
    expect(receiver.types).toEqual(['room.started', 'room.started', 'participant.joined']);
  });

  it('WH4 RM13 an object that ends while it sends has booked the next try', () => {
    const waiting = new Map<string, Outgoing>();
    const outbox = new Outbox(waiting);
    outbox.add(STARTED);
    expect(outbox.takeDue(1_000)).toMatchObject({ id: 'first', attempts: 0 });
    const next = new Outbox(new Map(waiting));
    expect(next.nextDue()).toBe(16_000);
    expect(next.takeDue(15_999)).toBeUndefined();
    expect(next.takeDue(16_000)).toMatchObject({ id: 'first', attempts: 1 });
  });
});

describe('ER5 a webhook that is not set up right', () => {
  const secret = (bytes: number) => `whsec_${btoa(String.fromCharCode(...Array.from({ length: bytes }, (_, i) => i)))}`;
  const table: [name: string, settings: object][] = [
    ['has no secret', { WEBHOOK_SECRET: '' }],
    ['has a secret of 31 bytes', { WEBHOOK_SECRET: secret(31) }],
    ['has a secret that is one byte over and over', { WEBHOOK_SECRET: `whsec_${'A'.repeat(64)}` }],
    ['has a secret that is not base64', { WEBHOOK_SECRET: 'whsec_correct-horse-battery-staple-and-some-more' }],
    ['has a second secret that is weak', { WEBHOOK_SECRET: `${secret(32)} ${secret(8)}` }],
    ['has no address', { WEBHOOK_URL: '' }],
    ['is sent without encryption', { WEBHOOK_URL: 'http://hooks.test/' }],
    ['has credentials in its address', { WEBHOOK_URL: 'https://user:word@hooks.test/' }],
    ['has an address that is none', { WEBHOOK_URL: 'hooks.test' }],
  ];
  it.each(table)('ER5 %s: every call is 503', async (_name, settings) => {
    const request = new Request(`${BROKER}/health`);
    const WEBHOOK_URL = 'https://hooks.test/';
    expect((await fetchWith({ WEBHOOK_URL, WEBHOOK_SECRET }, request)).status).toBe(200);
    expect((await fetchWith({ WEBHOOK_URL: 'http://localhost:8080/', WEBHOOK_SECRET }, request)).status).toBe(200);
    expect(await refusal(await fetchWith({ WEBHOOK_URL, WEBHOOK_SECRET, ...settings }, request))).toBe(
      '503 misconfigured',
    );
    expect(String(logged('misconfigured'))).toContain('WEBHOOK_');
  });
});
