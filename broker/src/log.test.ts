import { afterEach, beforeEach, expect, it, vi, type MockInstance } from 'vitest';
import { env } from 'cloudflare:workers';
import { FakeReceiver, WEBHOOK_SECRET } from './testing/fake-receiver.ts';
import { FakeSfu, failed } from './testing/fake-sfu.ts';
import { BROKER, Member, call, cleanUp, fetchWith, mint, publishing, room } from './testing/client.ts';
import { receivingOffer } from './testing/sdp.ts';

let sfu: FakeSfu;
let log: MockInstance<typeof console.log>;
const others = (['debug', 'info', 'warn', 'error'] as const).map((name) => ({ name, calls: 0 }));

beforeEach(() => {
  sfu = FakeSfu.install();
  log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  for (const other of others) vi.spyOn(console, other.name).mockImplementation(() => void (other.calls += 1));
});
afterEach(async () => {
  await cleanUp();
  FakeReceiver.uninstall();
});

const NAME = 'Zoë Doe';
const TEXT = 'nobody else’s business';
/** What a line may say, and how: codes, counts and random ids. */
const FIELDS: Readonly<Record<string, RegExp>> = {
  event: /^[a-z_]+$/,
  room: /^[0-9a-f]{16}$/,
  participant: /^[0-9a-f]{32}$/,
  reason: /^[A-Za-z_ ]+$/,
  participants: /^\d+$/,
  status: /^\d{3}$/,
  errorCode: /^[a-z_]+$/,
  hint: /^misconfigured\?/,
  path: /^[A-Za-z.[\]\d]+$/,
  attempts: /^\d+$/,
  events: /^\d+$/,
  id: /^[0-9a-f]{32}$/,
  message: /^[A-Za-z ]+$/,
};

it('A26 ER4 the log of all that can happen has one line for each event, of codes, counts and random ids', async () => {
  const receiver = FakeReceiver.install();
  receiver.next(() => new Response('secret of the receiver', { status: 500 }));
  const headers = { 'cf-connecting-ip': '203.0.113.7', 'user-agent': 'Browser 9', cookie: 'session=abc' };
  const tokens = [await mint({ sub: 'user-1' }), await mint({ sub: 'user-1', exp: 1 }), 'not.a.token'];
  for (const bearer of tokens) await call('POST', `/rooms/${room()}/join`, { bearer, headers });

  const host = await Member.join({ sub: 'host-7', name: NAME, role: 'host' }, { publish: publishing() });
  expect(host.joined.publish).toHaveProperty('sessionId');
  await host.connect();
  const bob = await Member.join(
    { sub: 'bob-8', name: 'Bob' },
    { receive: { sessionDescription: receivingOffer(2, 2) } },
  );
  await bob.connect();
  await Member.join({ sub: 'eve-9', name: 'Eve', lobby: true });
  await host.say({ type: 'admit' });
  await host.say({ type: 'chat', key: 'k1', text: TEXT });
  await host.say({ type: 'chat', key: 'k2', text: TEXT, to: bob.id });
  await bob.say({ type: 'hand', raised: true });
  await bob.say('{"type":"nonsense","secret":"nonsense"}');
  await host.say({ type: 'lock', locked: true });
  sfu.once('sessions/new', () => failed(500, 'internal_error', 'provider text'));
  await bob.call('POST', '/sessions/new');
  sfu.once('sessions/new', () => Response.json({ sessionId: '../bad' }, { status: 201 }), {
    misshapen: 'an id that is a path',
  });
  await bob.call('POST', '/sessions/new');
  sfu.once('tracks/close', () => failed(500, 'internal_error', 'provider text'));
  await host.say({ type: 'remove', id: bob.id });
  await call('GET', `/rooms/${room()}/participants`, { bearer: await mint({ sub: 'backend', role: 'host' }) });
  await fetchWith({ ROOM_TOKEN_KEYS: '[{"kty":"oct"}]' }, new Request(`${BROKER}/health`));
  await fetchWith(
    { ROOMS: undefined },
    new Request(`${BROKER}/rooms/x/join`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await mint({ room: 'x' })}` },
    }),
  );
  await host.say({ type: 'end' });
  await receiver.until(1);
  await vi.waitFor(() => expect(String(log.mock.calls)).toContain('close_failed'));

  const lines = log.mock.calls.map((args) => {
    expect(args).toHaveLength(1);
    expect(String(args[0])).not.toContain('\n');
    return JSON.parse(String(args[0])) as Record<string, unknown>;
  });
  const count = (event: string) => lines.filter((line) => line['event'] === event).length;
  expect([count('joined'), count('knocked'), count('admitted'), count('token_refused')]).toEqual([3, 1, 1, 2]);
  expect(count('left')).toBeGreaterThanOrEqual(2);
  for (const event of [
    'sfu_error',
    'sfu_answer_unusable',
    'close_failed',
    'misconfigured',
    'internal_error',
    'webhook_failed',
  ])
    expect([event, count(event)]).not.toEqual([event, 0]);
  for (const line of lines)
    for (const [field, value] of Object.entries(line))
      if (line['event'] !== 'misconfigured' && line['event'] !== 'internal_error')
        expect(`${field} ${String(value)}`).toMatch(
          new RegExp(`^${field} ${FIELDS[field]?.source.slice(1) ?? '(unknown field)'}`),
        );

  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  const secrets = [host, bob].flatMap(({ joined }) => [joined.memberSecret, joined.ticket]);
  const ids = [...sfu.sessions.keys()];
  const people = [NAME, 'Bob', 'Eve', 'user-1', 'host-7', 'bob-8', 'eve-9', 'backend'];
  const wire = [
    'v=0',
    'a=',
    'microphone-1',
    TEXT,
    'nonsense',
    'provider text',
    'secret of',
    '203.0.113.7',
    'Browser 9',
    'session=',
  ];
  const keys = ['app-secret', 'q83vASNF', WEBHOOK_SECRET, env.ROOM_TOKEN_KEYS, 'hooks.test', room()];
  for (const confidential of [...tokens, ...secrets, ...ids, ...people, ...wire, ...keys])
    expect(text).not.toContain(confidential);
  expect(others.map(({ calls }) => calls)).toEqual([0, 0, 0, 0]);
});
