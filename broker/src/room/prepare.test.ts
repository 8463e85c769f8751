import { env } from 'cloudflare:workers';
import { listDurableObjectIds, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PREPARED_LIFETIME_MS, parsePrepareResponse, type JoinMedia, type JoinRequest } from '#protocol';
import { sealSession, unsealSession } from '../sfu/sealed-session.ts';
import { Member, call, cleanUp, evictBetweenSteps, mint, publishing, refusal, room } from '../testing/client.ts';
import { FakeSfu, failed } from '../testing/fake-sfu.ts';
import { buildSdp, publishingOffer, receivingOffer } from '../testing/sdp.ts';

let sfu: FakeSfu;
beforeEach(() => {
  sfu = FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => {
  evictBetweenSteps(true);
  vi.useRealTimers();
  cleanUp();
});

const OFFER = { type: 'offer' as const, sdp: buildSdp([{ kind: 'application', mid: '0', direction: 'sendrecv' }]) };

const ask = async (claims: Record<string, unknown> = {}, offers: unknown = [OFFER, OFFER]) =>
  call('POST', `/rooms/${String(claims['room'] ?? room())}/prepare`, { bearer: await mint(claims), body: { offers } });

/** What names the two sessions. */
async function prepare(claims: Record<string, unknown> = {}): Promise<[string, string]> {
  const { sessions } = parsePrepareResponse(await (await ask(claims)).json());
  return sessions.map(({ prepared }) => prepared) as [string, string];
}

const media = ([publish, receive]: readonly string[]): Partial<JoinRequest> => ({
  publish: { ...publishing(), prepared: publish! },
  receive: { sessionDescription: receivingOffer(2, 2), prepared: receive! },
});
const errorOf = (answer: JoinMedia | undefined) => answer && 'errorCode' in answer && answer.errorCode;

describe('making ready', () => {
  it('HS15 connects a session for each offer, and nobody hears of it', async () => {
    const ann = await Member.live({ sub: 'ann' });
    const before = sfu.calls.length;
    const response = await ask({ sub: 'bob' });
    const answer = parsePrepareResponse(await response.json());
    expect(answer).toMatchObject({ sessions: [{ sessionDescription: { type: 'answer' } }, {}], iceServers: [] });
    const made = sfu.calls.slice(before).map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{32}/, 'id')}`);
    expect(made.sort()).toEqual([
      'POST /sessions/id/datachannels/establish',
      'POST /sessions/id/datachannels/establish',
      'POST /sessions/new',
      'POST /sessions/new',
    ]);
    const listed = await call('GET', `/rooms/${room()}/participants`, { bearer: await mint({ role: 'host' }) });
    expect(await listed.json()).toMatchObject({ participants: [{ sub: 'ann' }], waiting: [] });
    expect(ann.inbox.filter(({ type }) => type === 'change')).toEqual([]);
    // The SFU's own ids never come out.
    for (const id of sfu.sessions.keys()) expect(JSON.stringify(answer)).not.toContain(id);
  });

  it('HS15 A21 an empty room keeps nothing of it', async () => {
    await ask();
    await runInDurableObject(env.ROOMS.getByName(room()), async (_object, { storage }) => {
      const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'");
      expect([tables.toArray(), await storage.getAlarm()]).toEqual([[], null]);
    });
  });

  it('HS15 TK13 opens for no token that a join would not open for', async () => {
    const rooms = (await listDurableObjectIds(env.ROOMS)).length;
    for (const bearer of [await mint({ room: 'other' }), 'x', 'x'.repeat(43)])
      expect(await refusal(await call('POST', '/rooms/door/prepare', { bearer, body: { offers: [] } }))).toBe(
        '401 unauthorized',
      );
    expect(await listDurableObjectIds(env.ROOMS)).toHaveLength(rooms);
  });

  it('HS15 HS7 HS13 WR1 MO3 nothing is made for whoever may not take a seat now', async () => {
    const host = await Member.live({ sub: 'host', role: 'host' });
    const bob = await Member.join({ sub: 'bob' });
    await host.say({ type: 'remove', id: bob.id });
    const before = sfu.calls.length;
    expect(await refusal(await ask({ sub: 'bob' }))).toBe('403 forbidden');
    expect(await refusal(await ask({ sub: 'eve', limits: { participants: 1 } }))).toBe('423 room_full');
    expect(await refusal(await ask({ sub: 'eve', lobby: true }))).toBe('403 waiting');
    await host.say({ type: 'lock', locked: true });
    expect(await refusal(await ask({ sub: 'eve' }))).toBe('423 room_locked');
    expect(sfu.calls).toHaveLength(before);
    expect((await ask({ sub: 'host', role: 'host' })).status).toBe(200);
  });

  it('HS15 SF6 an offer that sends, or is none, or one too many, is refused before the SFU hears of it', async () => {
    expect(await refusal(await ask({}, [publishingOffer()]))).toBe('403 forbidden');
    for (const offers of [null, [{}], [OFFER, OFFER, OFFER]])
      expect(await refusal(await ask({}, offers))).toBe('400 decoding_error');
    expect(sfu.calls).toEqual([]);
  });

  it('HS15 RL1 A11 counts with the joins', async () => {
    evictBetweenSteps(false);
    const statuses: number[] = [];
    for (let index = 0; index < 8; index += 1) statuses.push((await ask()).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
    expect(sfu.callsTo('sessions/new')).toHaveLength(12);
    const bearer = await mint();
    expect(await refusal(await call('POST', `/rooms/${room()}/join`, { bearer }))).toBe('429 rate_limited');
  });

  it('HS15 ER3 an SFU that fails is told of', async () => {
    sfu.once('establish', () => failed(500, 'internal_error'));
    expect(await refusal(await ask())).toBe('502 sfu_error');
  });
});

describe('joining with what was made ready', () => {
  it('HS16 publishes and receives in those sessions, and makes no other', async () => {
    await Member.live({ sub: 'ann' });
    const prepared = await prepare({ sub: 'bob' });
    const [publishId, receiveId] = [...sfu.sessions.keys()].slice(-2);
    const before = sfu.calls.length;
    const { joined } = await Member.join({ sub: 'bob' }, media(prepared));
    expect(joined.publish).toMatchObject({ tracks: [{ mid: '0' }, { mid: '1' }] });
    expect(joined.receive).toMatchObject({ tracks: [{ mid: 'a0' }, { mid: 'a1' }] });
    const called = sfu.calls.slice(before).map(({ path }) => path);
    expect(called.sort()).toEqual([`/sessions/${publishId}/tracks/new`, `/sessions/${receiveId}/tracks/new`].sort());
  });

  it('HS16 where nothing is live the session is kept for what comes', async () => {
    const { joined } = await Member.join({}, media(await prepare()));
    expect(joined.receive).toEqual({
      sessionId: expect.any(String),
      requiresImmediateRenegotiation: false,
      tracks: [],
    });
  });

  it('HS16 SF11 its tracks are closed with the seat', async () => {
    const ann = await Member.join({}, media(await prepare()));
    expect(sfu.open).toHaveLength(2);
    await ann.call('POST', '/leave');
    await vi.waitFor(() => expect(sfu.open).toEqual([]));
  });

  it.each<[string, (prepared: [string, string]) => Promise<[string, string]> | [string, string]]>([
    ['another’s', () => prepare({ sub: 'eve' })],
    ['another room’s', () => prepare({ sub: 'bob', room: `${room()}-b` })],
    ['a damaged one', ([a, b]) => [flip(a), flip(b)]],
    ['a made-up one', () => ['A'.repeat(99), 'x']],
    ['one that is too old', (prepared) => (vi.advanceTimersByTime(PREPARED_LIFETIME_MS), prepared)],
  ])('HS16 SF10 A2 A22 %s opens nothing, and the seat is taken', async (_which, spoil) => {
    await Member.live({ sub: 'ann' });
    vi.useFakeTimers({ toFake: ['Date'] });
    const prepared = await spoil(await prepare({ sub: 'bob' }));
    const before = sfu.callsTo('/new').length;
    const { joined } = await Member.join({ sub: 'bob' }, media(prepared));
    expect([errorOf(joined.publish), errorOf(joined.receive)]).toEqual(['session_error', 'session_error']);
    expect(sfu.callsTo('/new')).toHaveLength(before);
    expect(joined.self.presence).toBe('here');
  });

  it('HS16 SF10 one that has ended at the SFU is an error of its direction', async () => {
    const prepared = await prepare();
    sfu.sessions.clear();
    const { joined } = await Member.join({}, media(prepared));
    expect(errorOf(joined.publish)).toBe('session_error');
  });

  it('HS16 A3 grants what the join grants, and no more', async () => {
    const prepared = await prepare({ sub: 'bob' });
    const { joined } = await Member.join({ sub: 'bob', role: 'listener' }, media(prepared));
    expect(errorOf(joined.publish)).toBe('forbidden');
    expect(sfu.open).toEqual([]);
  });

  it('HS16 is sealed anew each time, and by another secret not at all', async () => {
    const owner = { room: 'r', sub: 's' };
    const access = { baseUrl: '', token: 'secret' };
    const id = 'f'.repeat(32);
    const sealed = await sealSession(id, owner, access, 0);
    expect(await unsealSession(sealed, owner, access, PREPARED_LIFETIME_MS - 1)).toBe(id);
    expect(await sealSession(id, owner, access, 0)).not.toBe(sealed);
    expect(await unsealSession(sealed, owner, { ...access, token: 'other' }, 0)).toBeUndefined();
  });
});

function flip(text: string): string {
  return `${text[0] === 'A' ? 'B' : 'A'}${text.slice(1)}`;
}
