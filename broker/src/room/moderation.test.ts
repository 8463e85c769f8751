import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CAMERA, MICROPHONE, Member, call, cleanUp, mint, refusal, room, upgrade } from '../testing/client.ts';
import { FakeSfu } from '../testing/fake-sfu.ts';

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

const seconds = () => Math.floor(Date.now() / 1000);

/** A host and a guest, both live. */
async function meet(claims: Record<string, unknown> = {}): Promise<[host: Member, bob: Member]> {
  const host = await Member.live({ sub: 'host', role: 'host' });
  return [host, await Member.live({ sub: 'bob', ...claims })];
}

describe('MO1 without the grant nothing happens', () => {
  const grants = [
    { role: 'guest' },
    { role: 'listener' },
    { role: 'host', grants: { moderate: false } },
    { role: undefined, grants: { chat: true, subscribe: true } },
  ];
  const messages = (id: string) =>
    [
      { type: 'remove', id },
      { type: 'mute', id, source: 'microphone' },
      { type: 'mute', source: 'camera' },
      { type: 'end' },
    ] as const;
  it.each(grants)('MO1 A17 for %j', async (claims) => {
    const ann = await Member.live();
    const eve = await Member.join({ sub: 'eve', ...claims });
    await eve.connect();
    ann.inbox.length = 0;
    for (const message of messages(ann.id)) {
      await eve.say(message);
      expect(await eve.next('error')).toMatchObject({ errorCode: 'forbidden' });
    }
    expect(ann.inbox.filter(({ type }) => type !== 'change')).toEqual([]);
    expect((await ann.call('POST', '/ticket')).status).toBe(200);
    expect(sfu.callsTo('tracks/close')).toEqual([]);
  });

  it('MO1 somebody who is not there is not found', async () => {
    const [host] = await meet();
    for (const message of [
      { type: 'remove', id: 'nobody' },
      { type: 'mute', id: 'nobody', source: 'camera' },
    ] as const) {
      await host.say(message);
      expect(await host.next('error')).toMatchObject({ errorCode: 'not_found' });
    }
  });
});

describe('removing', () => {
  it('MO2 closes the socket and the media, and all that was held is void', async () => {
    const [host, bob] = await meet();
    await host.say({ type: 'remove', id: bob.id });
    expect(await bob.closed).toBe(4403);
    expect((await host.next('change', ({ type }) => type === 'gone')).change).toEqual({
      type: 'gone',
      id: bob.id,
      reason: 'removed',
    });
    await vi.waitFor(() => expect(sfu.callsTo('tracks/close')).toHaveLength(1));
    expect(sfu.callsTo('tracks/close')[0]?.body).toMatchObject({ force: true, tracks: [{ mid: '0' }, { mid: '1' }] });
    for (const path of ['/ticket', '/leave', '/sessions/new'])
      expect(await refusal(await bob.call('POST', path))).toBe('401 unauthorized');
    expect((await upgrade(room(), bob.joined.ticket)).status).toBe(401);
  });

  it('MO3 A22 no token of before opens the room, by join or by the SFU’s calls; one minted later does', async () => {
    const iat = seconds();
    const [host, bob] = await meet({ iat: iat + 30 });
    const before = await mint({ sub: 'bob', iat: iat + 30 });
    await host.say({ type: 'remove', id: bob.id });
    // Ahead of the broker's clock, older, and with other claims.
    for (const claims of [{ iat: iat + 30 }, { iat: iat - 300 }, { iat, name: 'Somebody', role: 'host', jti: 'x' }]) {
      const bearer = await mint({ sub: 'bob', ...claims });
      for (const path of ['/join', '/sessions/new'])
        expect(await refusal(await call('POST', `/rooms/${room()}${path}`, { bearer }))).toBe('403 forbidden');
    }
    expect(await refusal(await call('POST', `/rooms/${room()}/join`, { bearer: `${before}=` }))).toBe(
      '401 unauthorized',
    );
    expect(sfu.callsTo('sessions/new')).toHaveLength(2);

    vi.setSystemTime((iat + 31) * 1000);
    const again = await Member.join({ sub: 'bob', iat: iat + 31 });
    expect(again.joined.roster.participants).toHaveLength(2);
    // The new seat is not the old token's.
    const path = `/rooms/${room()}/leave`;
    expect(await refusal(await call('POST', path, { bearer: before }))).toBe('401 unauthorized');
    expect((await again.call('POST', '/ticket')).status).toBe(200);
  });

  it('MO3 a token minted after the one in use, and before the removal, opens nothing either', async () => {
    const [host, bob] = await meet({ iat: seconds() - 300 });
    await host.say({ type: 'remove', id: bob.id });
    const bearer = await mint({ sub: 'bob', iat: seconds() - 10 });
    expect(await refusal(await call('POST', `/rooms/${room()}/join`, { bearer }))).toBe('403 forbidden');
  });

  it('MO3 is remembered when the room is empty, for as long as such a token could be good, and then forgotten', async () => {
    const [host, bob] = await meet();
    const before = await mint({ sub: 'bob', exp: seconds() + 24 * 60 * 60 });
    await host.say({ type: 'remove', id: bob.id });
    await host.call('POST', '/leave');
    await vi.waitFor(() => expect(sfu.callsTo('tracks/close')).toHaveLength(2));
    expect(await refusal(await call('POST', `/rooms/${room()}/join`, { bearer: before }))).toBe('403 forbidden');
    const stub = env.ROOMS.getByName(room());
    const rows = () =>
      runInDurableObject(stub, (_object, state) =>
        state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'denial'").toArray(),
      );
    vi.setSystemTime(Date.now() + 24 * 60 * 60 * 1000);
    await runDurableObjectAlarm(stub);
    expect(await rows()).toHaveLength(1);
    vi.setSystemTime(Date.now() + 120_000);
    await runDurableObjectAlarm(stub);
    await vi.waitFor(async () => expect(await rows()).toEqual([]));
  });

  it('MO2 reaches a client of the SFU’s API, which has no socket', async () => {
    const host = await Member.live({ sub: 'host', role: 'host' });
    const bearer = await mint({ sub: 'bob' });
    const path = `/rooms/${room()}/sessions/new`;
    const { sessionId } = (await (await call('POST', path, { bearer })).json()) as { sessionId: string };
    const { change } = await host.next('change', (put) => put.type === 'put' && put.participant.id !== host.id);
    await host.say({ type: 'remove', id: change.type === 'put' ? change.participant.id : '' });
    expect((await call('GET', `/rooms/${room()}/sessions/${sessionId}`, { bearer })).status).toBe(410);
    expect(await refusal(await call('POST', path, { bearer }))).toBe('403 forbidden');
  });
});

describe('muting', () => {
  it('MO4 asks one participant, and the roster says so at once', async () => {
    const [host, bob] = await meet();
    const eve = await Member.live({ sub: 'eve' });
    await host.say({ type: 'mute', id: bob.id, source: 'microphone' });
    expect(await bob.next('mute')).toEqual({ type: 'mute', source: 'microphone' });
    const tracks = [{ ...MICROPHONE, muted: true }, CAMERA];
    const { change } = await host.next(
      'change',
      (put) => put.type === 'put' && put.participant.tracks[0]?.muted === true,
    );
    expect(change).toMatchObject({ participant: { id: bob.id, tracks } });
    expect(eve.inbox.filter(({ type }) => type === 'mute')).toEqual([]);
    await bob.reconnect();
    expect((await bob.next('roster')).participants[1]).toMatchObject({ tracks });
  });

  it('MO4 asks everybody but oneself, and who was asked may unmute', async () => {
    const [host, bob] = await meet();
    const eve = await Member.live({ sub: 'eve' });
    await host.say({ type: 'mute', source: 'camera' });
    expect([await bob.next('mute'), await eve.next('mute')]).toMatchObject([
      { source: 'camera' },
      { source: 'camera' },
    ]);
    expect(host.inbox.filter(({ type }) => type === 'mute')).toEqual([]);
    host.inbox.length = 0;
    await bob.say({ type: 'tracks', sessionId: bob.publishSession, tracks: [MICROPHONE, CAMERA] });
    expect((await host.next('change')).change).toMatchObject({
      participant: { id: bob.id, tracks: [MICROPHONE, CAMERA] },
    });
  });
});

describe('ending', () => {
  it('MO5 closes everything for everybody, and a new call may begin', async () => {
    const [host, bob] = await meet();
    await host.say({ type: 'end' });
    expect([await host.closed, await bob.closed]).toEqual([4410, 4410]);
    await vi.waitFor(() => expect([...sfu.sessions.values()].map(({ closed }) => closed.length)).toEqual([2, 2]));
    expect(await refusal(await bob.call('POST', '/ticket'))).toBe('401 unauthorized');
    const again = await Member.join({ sub: 'bob' });
    expect(again.joined.roster.participants).toHaveLength(1);
  });
});
