import { env, exports } from 'cloudflare:workers';
import { listDurableObjectIds, runInDurableObject } from 'cloudflare:test';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  parseInvitationResponse,
  parseJoinResponse,
  parseRemoveResponse,
  parseRoomList,
  routes,
  type JoinResponse,
  type RoomList,
} from '#protocol';
import { encodeBase64Url } from '../base64url.ts';
import { BROKER, KEY, Member, call, cleanUp, fetchWith, mint, refusal, room } from '../testing/client.ts';
import { FakeSfu } from '../testing/fake-sfu.ts';
import { importTokenKeys } from '../token/token-keys.ts';
import { mintInvitation } from './mint-invitation.ts';

let sfu: FakeSfu;

beforeEach(() => {
  sfu = FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await cleanUp();
});

const CALLS: [method: string, path: string, body?: object][] = [
  ['GET', 'participants'],
  ['POST', 'remove', { sub: 'ann' }],
  ['POST', 'end'],
  ['POST', 'invitations', { sub: 'eve' }],
];

/** What the owner's backend calls with. */
const backend = (claims: Record<string, unknown> = {}) => mint({ sub: 'backend', role: 'host', ...claims });

async function ask(method: string, path: string, body?: unknown, bearer?: string): Promise<Response> {
  return call(method, `/rooms/${room()}/${path}`, {
    bearer: bearer ?? (await backend()),
    ...(body !== undefined && { body }),
  });
}

async function list(bearer?: string): Promise<RoomList> {
  return parseRoomList(await (await ask('GET', 'participants', undefined, bearer)).json());
}

async function removed(path: string, body?: unknown): Promise<number> {
  return parseRemoveResponse(await (await ask('POST', path, body)).json()).removed;
}

async function invitation(body: unknown, bearer?: string): Promise<string> {
  const response = await ask('POST', 'invitations', body, bearer);
  expect(response.status).toBe(201);
  return parseInvitationResponse(await response.json()).token;
}

async function joinWith(token: string): Promise<JoinResponse> {
  return parseJoinResponse(await (await ask('POST', 'join', undefined, token)).json());
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(atob(token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/'))) as Record<string, unknown>;
}

describe('listing', () => {
  it('SV3 tells who is there, in order of arrival, with what they have published', async () => {
    const ann = await Member.live({ sub: 'ann', name: 'Ann', role: 'host' });
    const bob = await Member.join({ sub: 'bob' });
    const { joinedAt } = ann.joined.self;
    expect(await list()).toEqual({
      locked: false,
      participants: [
        {
          id: ann.id,
          sub: 'ann',
          name: 'Ann',
          role: 'host',
          joinedAt,
          presence: 'here',
          sources: ['microphone', 'camera'],
        },
        {
          id: bob.id,
          sub: 'bob',
          name: '',
          role: 'guest',
          joinedAt: bob.joined.self.joinedAt,
          presence: 'here',
          sources: [],
        },
      ],
      waiting: [],
    });
  });

  it('SV3 tells who waits, whether the room is locked, and when it ends', async () => {
    const host = await Member.join({ sub: 'host', role: 'host', limits: { minutes: 60 } });
    await host.connect();
    await host.say({ type: 'lock', locked: true });
    await host.say({ type: 'lock', locked: false });
    const eve = await joinWith(await mint({ sub: 'eve', name: 'Eve', lobby: true }));
    expect(eve.waiting).toBe(true);
    expect(await list()).toMatchObject({
      locked: false,
      endsAt: host.joined.self.joinedAt + 3_600_000,
      participants: [{ sub: 'host' }],
      waiting: [{ id: eve.self.id, sub: 'eve', name: 'Eve' }],
    });
    await host.say({ type: 'lock', locked: true });
    expect((await list()).locked).toBe(true);
  });

  it('SV1 takes no seat, and nobody in the room hears of it', async () => {
    const ann = await Member.join();
    await ann.connect();
    await ann.next('current');
    expect((await list()).participants.map(({ sub }) => sub)).toEqual(['ann']);
    expect(ann.inbox).toEqual([]);
  });

  it('SV8 stores nothing for a room that is empty', async () => {
    expect(await list()).toEqual({ locked: false, participants: [], waiting: [] });
    expect(await removed('end')).toBe(0);
    await invitation({ sub: 'ann' });
    expect(await refusal(await ask('POST', 'remove', { id: 'nobody' }))).toBe('404 not_found');
    const tables = await runInDurableObject(env.ROOMS.getByName(room()), (_object, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

describe('removing', () => {
  it.each(['id', 'sub'])(
    'SV4 by %s: the seat is gone, its media closed, and no token of before opens the room',
    async (by) => {
      const token = await mint({ sub: 'bob' });
      const bob = await Member.live({ sub: 'bob' });
      expect(await removed('remove', { [by]: by === 'id' ? bob.id : 'bob' })).toBe(1);
      expect(await bob.closed).toBe(4403);
      await vi.waitFor(() => expect(sfu.callsTo('tracks/close')).toHaveLength(1));
      expect(await refusal(await ask('POST', 'join', undefined, token))).toBe('403 forbidden');
      vi.setSystemTime(Date.now() + 1_000);
      expect((await ask('POST', 'join', undefined, await mint({ sub: 'bob' }))).status).toBe(200);
    },
  );

  it('SV4 by sub somebody is kept out who is not there; nobody is found by an unknown id', async () => {
    const token = await mint({ sub: 'bob' });
    expect(await removed('remove', { sub: 'bob' })).toBe(0);
    expect(await refusal(await ask('POST', 'join', undefined, token))).toBe('403 forbidden');
    expect((await ask('POST', 'join', undefined, await mint({ sub: 'ann' }))).status).toBe(200);
    expect(await refusal(await ask('POST', 'remove', { id: 'nobody' }))).toBe('404 not_found');
  });

  it.each([{}, { id: 'a', sub: 'b' }, { name: 'Ann' }, { sub: '../x' }, { sub: 7 }, { id: '' }, [], 'ann', undefined])(
    'ER1 %j removes nobody',
    async (body) => {
      await Member.join();
      expect(await refusal(await ask('POST', 'remove', body))).toBe('400 decoding_error');
      expect((await list()).participants).toHaveLength(1);
    },
  );
});

describe('who waits', () => {
  it('SV4 SV5 is removed and sent away like others', async () => {
    await Member.join({ sub: 'ann' });
    const token = await mint({ sub: 'eve', lobby: true });
    await joinWith(token);
    expect(await removed('remove', { sub: 'eve' })).toBe(1);
    expect((await list()).waiting).toEqual([]);
    expect(await refusal(await ask('POST', 'join', undefined, token))).toBe('403 forbidden');
    await joinWith(await mint({ sub: 'mallory', lobby: true }));
    expect(await removed('end')).toBe(2);
    expect(await list()).toMatchObject({ participants: [], waiting: [] });
  });
});

describe('ending', () => {
  it('SV5 closes everything for everybody', async () => {
    const ann = await Member.live();
    const bob = await Member.join({ sub: 'bob' });
    await bob.connect();
    expect(await removed('end')).toBe(2);
    expect([await ann.closed, await bob.closed]).toEqual([4410, 4410]);
    expect((await list()).participants).toEqual([]);
  });
});

describe('inviting', () => {
  it('SV6 mints a token that opens this room, for this sub, under this name, for this long', async () => {
    const body = { sub: 'bob', name: 'Bob', role: 'listener', minutes: 5 };
    const response = await ask('POST', 'invitations', body);
    const { token, expiresAt } = parseInvitationResponse(await response.json());
    const now = Math.floor(Date.now() / 1000);
    expect(expiresAt).toBe(now + 300);
    expect(claimsOf(token)).toMatchObject({ aud: 'realtime-call', room: room(), sub: 'bob', iat: now, exp: expiresAt });
    const joined = await joinWith(token);
    expect(joined.self).toMatchObject({ name: 'Bob', role: 'listener' });
    expect(joined.grants).toMatchObject({ publish: [], subscribe: true, moderate: false });
    expect(await refusal(await call('POST', `/rooms/${room()}-other/join`, { bearer: token }))).toBe(
      '401 unauthorized',
    );
  });

  it('SV6 without a role it grants nothing that is not named, and it is good for an hour', async () => {
    const token = await invitation({ sub: 'bob', grants: { subscribe: true } });
    expect(Number(claimsOf(token)['exp']) - Number(claimsOf(token)['iat'])).toBe(3600);
    expect((await joinWith(token)).grants).toEqual({ publish: [], subscribe: true, chat: false, moderate: false });
  });

  const more: [has: object, asks: object][] = [
    [{ grants: { moderate: true } }, { role: 'guest' }],
    [{ grants: { moderate: true } }, { role: 'listener' }],
    [{ role: 'listener', grants: { moderate: true } }, { grants: { publish: ['audio'] } }],
    [{ role: 'host', grants: { publish: ['audio'] } }, { grants: { publish: ['audio', 'video'] } }],
    [{ role: 'host', grants: { publish: ['audio', 'video'] } }, { role: 'host' }],
    [{ role: 'host', grants: { subscribe: false } }, { grants: { subscribe: true } }],
    [{ role: 'host', grants: { chat: false } }, { grants: { chat: true } }],
  ];
  it.each(more)('SV7 A3 A17 with %j nobody is given %j', async (has, asks) => {
    const bearer = await backend({ role: undefined, ...has });
    expect(await refusal(await ask('POST', 'invitations', { sub: 'eve', ...asks }, bearer))).toBe('403 forbidden');
  });

  it('SV7 A17 who may not moderate makes no moderator', async () => {
    const keys = await importTokenKeys(
      JSON.stringify([{ kty: 'oct', kid: 'main', alg: 'HS256', k: encodeBase64Url(KEY) }]),
    );
    const grants = { publish: [], subscribe: true, chat: true, moderate: false };
    const inviter = {
      room: room(),
      sub: 'ann',
      iat: 1,
      exp: 2,
      role: 'guest',
      grants,
      lobby: false,
      limits: {},
    } as const;
    const asked = mintInvitation(keys, inviter, { sub: 'eve', grants: { moderate: true } }, 1_800_000_000);
    await expect(asked).rejects.toMatchObject({ status: 403 });
  });

  it('SV7 passes on what it has, moderating included, and the limits of the room', async () => {
    const limits = { participants: 2, minutes: 90 };
    const bearer = await backend({ limits });
    const token = await invitation({ sub: 'carol', role: 'host' }, bearer);
    expect(claimsOf(token)['limits']).toEqual(limits);
    expect(claimsOf(await invitation({ sub: 'dave', role: 'guest' }, token))['limits']).toEqual(limits);
  });

  it('SV7 A22 takes nobody’s place who is in the room', async () => {
    await Member.join({ sub: 'ann' });
    expect(await refusal(await ask('POST', 'invitations', { sub: 'ann' }))).toBe('403 forbidden');
    await invitation({ sub: 'backend' });
  });

  it.each([
    {},
    { sub: '' },
    { sub: '*/x' },
    { sub: 'eve', role: 'owner' },
    { sub: 'eve', grants: { sudo: true } },
    { sub: 'eve', grants: [] },
    { sub: 'eve', name: '\u202Eeve' },
    { sub: 'eve', lobby: 'yes' },
    { sub: 'eve', minutes: 0 },
    { sub: 'eve', minutes: 1441 },
    { sub: 'eve', minutes: 1.5 },
    { sub: 'eve', exp: 4_000_000_000 },
    { sub: 'eve', room: 'other' },
    { sub: 'eve', limits: {} },
    { sub: 'eve', aud: 'realtime-call' },
  ])('SV6 ER1 %j is no invitation', async (body) => {
    expect(await refusal(await ask('POST', 'invitations', body))).toBe('400 decoding_error');
  });

  it('SV6 is signed with the first HS256 key, and not at all where the broker has public ones only', async () => {
    const { publicKey, privateKey } = (await crypto.subtle.generateKey('Ed25519', true, [
      'sign',
      'verify',
    ])) as CryptoKeyPair;
    const x = encodeBase64Url(new Uint8Array((await crypto.subtle.exportKey('raw', publicKey)) as ArrayBuffer));
    const ed = { kty: 'OKP', crv: 'Ed25519', kid: 'ed', alg: 'EdDSA', x };
    const oct = { kty: 'oct', kid: 'main', alg: 'HS256', k: encodeBase64Url(KEY) };
    const second = { ...oct, kid: 'second', k: encodeBase64Url(crypto.getRandomValues(new Uint8Array(32))) };
    const payload = claimsOf(await backend());
    const byEd = await new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', kid: 'ed' }).sign(privateKey);
    const askWith = (keys: object[], bearer: string) =>
      fetchWith(
        { ROOM_TOKEN_KEYS: JSON.stringify(keys) },
        new Request(`${BROKER}${routes.invitations(room())}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${bearer}` },
          body: JSON.stringify({ sub: 'bob' }),
        }),
      );
    expect(await refusal(await askWith([ed], byEd))).toBe('501 cannot_sign');
    const { token } = parseInvitationResponse(await (await askWith([ed, oct, second], byEd)).json());
    expect(JSON.parse(atob(token.split('.')[0]!))).toEqual({ alg: 'HS256', kid: 'main', typ: 'JWT' });
    expect((await ask('POST', 'join', undefined, token)).status).toBe(200);
  });
});

describe('who may not', () => {
  const tokens: [name: string, claims: Record<string, unknown>][] = [
    ['a guest', { role: 'guest' }],
    ['a listener', { role: 'listener' }],
    ['a host without moderate', { role: 'host', grants: { moderate: false } }],
    ['nobody in particular', { role: undefined }],
  ];
  it.each(tokens)('SV1 A17 %s is refused, and no room is woken', async (_name, claims) => {
    const before = (await listDurableObjectIds(env.ROOMS)).length;
    const bearer = await backend(claims);
    for (const [method, path, body] of CALLS)
      expect(await refusal(await fetchQuietly(method, path, bearer, body))).toBe('403 forbidden');
    expect(await listDurableObjectIds(env.ROOMS)).toHaveLength(before);
  });

  it('SV1 TK13 A2 a token of another room, a forged one and none are refused, and no room is woken', async () => {
    const before = (await listDurableObjectIds(env.ROOMS)).length;
    const forged = await mint({ role: 'host' }, crypto.getRandomValues(new Uint8Array(32)));
    for (const bearer of [await backend({ room: 'other' }), forged, 'nonsense', ''])
      for (const [method, path, body] of CALLS)
        expect(await refusal(await fetchQuietly(method, path, bearer, body))).toBe('401 unauthorized');
    expect(await listDurableObjectIds(env.ROOMS)).toHaveLength(before);
  });

  it('SV1 A22 a member secret is no token, a host’s neither', async () => {
    for (const role of ['host', 'guest']) {
      const { joined } = await Member.join({ sub: role, role });
      for (const [method, path, body] of CALLS)
        expect(await refusal(await ask(method, path, body, joined.memberSecret))).toBe('401 unauthorized');
    }
    expect((await list()).participants).toHaveLength(2);
  });

  it('SV2 A17 a host who was removed does nothing with the token of before', async () => {
    const token = await mint({ sub: 'host', role: 'host' });
    await Member.join({ sub: 'ann' });
    expect(await removed('remove', { sub: 'host' })).toBe(0);
    for (const [method, path, body] of CALLS)
      expect(await refusal(await ask(method, path, body, token))).toBe('403 forbidden');
    expect((await list()).participants).toHaveLength(1);
  });

  it('SV2 A17 nor does one whose right to moderate was taken away in the call', async () => {
    const host = await Member.join({ sub: 'host', role: 'host' });
    await host.connect();
    const token = await mint({ sub: 'deputy', role: 'host' });
    const { self } = await joinWith(token);
    expect((await list(token)).participants).toHaveLength(2);
    await host.say({
      type: 'grant',
      id: self.id,
      grants: { publish: [], subscribe: true, chat: true, moderate: false },
    });
    for (const [method, path, body] of CALLS)
      expect(await refusal(await ask(method, path, body, token))).toBe('403 forbidden');
  });

  it('SV7 A17 nor is more given away than is granted now', async () => {
    const host = await Member.join({ sub: 'host', role: 'host' });
    await host.connect();
    const token = await mint({ sub: 'deputy', role: 'host' });
    const { self } = await joinWith(token);
    await host.say({
      type: 'grant',
      id: self.id,
      grants: { publish: [], subscribe: true, chat: true, moderate: true },
    });
    expect(await refusal(await ask('POST', 'invitations', { sub: 'eve', role: 'guest' }, token))).toBe('403 forbidden');
    await invitation({ sub: 'eve', role: 'listener' }, token);
  });

  it('RL4 A11 too many calls are refused, those of another backend are not', async () => {
    const bearer = await backend();
    const statuses = [];
    // Without the eviction between two calls, that forgets them.
    for (let index = 0; index < 60; index += 1)
      statuses.push((await fetchQuietly('GET', 'participants', bearer)).status);
    expect(statuses.indexOf(429)).toBe(50);
    for (const [method, path, body] of CALLS)
      expect(await refusal(await fetchQuietly(method, path, bearer, body))).toBe('429 rate_limited');
    expect((await fetchQuietly('GET', 'participants', await backend({ sub: 'other' }))).status).toBe(200);
  });

  it('ER1 another method on these paths is 405', async () => {
    for (const [method, path] of CALLS)
      expect(await refusal(await ask(method === 'GET' ? 'POST' : 'GET', path))).toBe('405 method_not_allowed');
  });
});

async function fetchQuietly(method: string, path: string, bearer: string, body?: object): Promise<Response> {
  return exports.default.fetch(`${BROKER}/rooms/${room()}/${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}` },
    ...(body && { body: JSON.stringify(body) }),
  });
}
