import { env } from 'cloudflare:workers';
import { listDurableObjectIds } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { parseJoinResponse, type JoinMedia } from '#protocol';
import { CAMERA, MICROPHONE, Member, call, mint, publishing, refusal, step, cleanUp, room } from '../testing/client.ts';
import { FakeSfu, failed } from '../testing/fake-sfu.ts';
import { publishingOffer, receivingOffer } from '../testing/sdp.ts';

let sfu: FakeSfu;
let log: MockInstance<typeof console.log>;

beforeEach(() => {
  sfu = FakeSfu.install();
  log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => cleanUp());

const logged = () => log.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);

function joined(media: JoinMedia | undefined) {
  if (!media || !('sessionId' in media)) throw new Error(`no session: ${JSON.stringify(media)}`);
  return media;
}

describe('joining', () => {
  it('HS1 an empty body joins without media', async () => {
    const response = await call('POST', `/rooms/${room()}/join`, { bearer: await mint({ name: 'Ann' }) });
    expect(response.status).toBe(200);
    const body = parseJoinResponse(await response.json());
    expect(body).toMatchObject({
      self: { name: 'Ann', role: 'guest', presence: 'here', tracks: [] },
      grants: { subscribe: true, moderate: false },
      roster: { rev: 1, participants: [{ id: body.self.id }] },
      iceServers: [],
    });
    expect(body).not.toHaveProperty('publish');
    expect(sfu.calls).toEqual([]);
  });

  it('HS4 the token’s name wins; without one it is the body’s', async () => {
    expect((await Member.join({ name: 'Ann' }, { name: 'Eve' })).joined.self.name).toBe('Ann');
    expect((await Member.join({ sub: 'bob' }, { name: ' Bob ' })).joined.self.name).toBe('Bob');
    expect((await Member.join({ sub: 'eve' }, { name: '  ' })).joined.self.name).toBe('');
  });

  it.each(['x'.repeat(65), 'a\u202eb', 'a\u0000b'])('HS4 A24 %j is no name', async (name) => {
    const bearer = await mint();
    expect(await refusal(await call('POST', `/rooms/${room()}/join`, { bearer, body: { protocol: 1, name } }))).toBe(
      '400 decoding_error',
    );
  });

  it('HS3 a client of an older protocol is told so', async () => {
    const bearer = await mint();
    const response = await call('POST', `/rooms/${room()}/join`, { bearer, body: { protocol: 0 } });
    expect(await refusal(response)).toBe('426 client_too_old');
  });

  it('HS5 a reload returns to the same seat', async () => {
    const before = await Member.live({ name: 'Ann' });
    const bob = await Member.join({ sub: 'bob' });
    await bob.connect();
    const after = await Member.join({ name: 'Ann' }, { resume: before.joined.memberSecret });
    expect(after.id).toBe(before.id);
    expect(after.joined.roster.participants).toHaveLength(2);
    expect(await before.closed).toBe(4409);
    expect(await refusal(await before.call('POST', '/ticket'))).toBe('401 unauthorized');
    expect((await after.call('POST', '/ticket')).status).toBe(200);
  });

  it('HS7 a full room is 423', async () => {
    await Member.join({ sub: 'bob' });
    const bearer = await mint({ limits: { participants: 1 } });
    expect(await refusal(await call('POST', `/rooms/${room()}/join`, { bearer }))).toBe('423 room_full');
  });
});

describe('tokens at the door', () => {
  it.each([
    ['missing', undefined],
    ['other_room', { room: 'r2' }],
  ])('TK13 HS2 A2 %s: no room woken, the reason in the log', async (reason, claims) => {
    const before = (await listDurableObjectIds(env.ROOMS)).length;
    const response = await call('POST', '/rooms/door/join', claims ? { bearer: await mint(claims) } : {});
    expect([response.status, await response.text()]).toEqual([
      401,
      '{"errorCode":"unauthorized","errorDescription":"No valid room token or member secret"}',
    ]);
    expect((await listDurableObjectIds(env.ROOMS)).length).toBe(before);
    expect(logged()).toMatchObject([{ event: 'token_refused', reason }]);
    expect(JSON.stringify(logged())).not.toContain('door');
  });

  it('TK14 a token that expires during a call ends nothing', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const claims = { exp: Math.floor(Date.now() / 1000) - 50 };
    const ann = await Member.join(claims);
    vi.setSystemTime(Date.now() + 15_000);
    expect((await ann.call('POST', '/ticket')).status).toBe(200);
    const again = await call('POST', `/rooms/${room()}/join`, { bearer: await mint(claims) });
    expect(await refusal(again)).toBe('401 unauthorized');
    vi.useRealTimers();
  });
});

describe('media with the join', () => {
  it('SF9 publishes and receives in the one round trip', async () => {
    const ann = await Member.live();
    const bob = await Member.join(
      { sub: 'bob' },
      { publish: publishing(), receive: { sessionDescription: receivingOffer(4, 4) } },
    );
    const publish = joined(bob.joined.publish);
    expect(publish).toMatchObject({
      requiresImmediateRenegotiation: false,
      tracks: [{ mid: '0', trackName: 'microphone-1' }, { mid: '1' }],
      sessionDescription: { type: 'answer' },
    });
    const receive = joined(bob.joined.receive);
    expect(receive).toMatchObject({
      tracks: [
        { mid: 'a0', trackName: 'microphone-1', sessionId: ann.publishSession },
        { mid: 'a1', trackName: 'camera-1', sessionId: ann.publishSession },
      ],
      sessionDescription: { type: 'answer' },
    });
    expect(new Set([publish.sessionId, receive.sessionId, ann.publishSession]).size).toBe(3);
  });

  it('SF9 asks for the smallest layer of a picture that has layers, and for none of what has none', async () => {
    const ann = await Member.live();
    const tracks = [MICROPHONE, { ...CAMERA, rids: ['a', 'b', 'c'] }];
    await ann.say({ type: 'tracks', sessionId: ann.publishSession, tracks });
    await ann.next('change', (change) => change.type === 'put' && change.participant.tracks[1]?.rids.length === 3);
    await Member.join({ sub: 'bob' }, { receive: {} });
    const pulls = sfu.calls.flatMap(
      ({ body }) => (body as { tracks?: { location: string }[] } | undefined)?.tracks ?? [],
    );
    const order = 'asciibetical';
    expect(pulls.filter(({ location }) => location === 'remote')).toEqual([
      expect.not.objectContaining({ simulcast: expect.anything() }),
      expect.objectContaining({ simulcast: { preferredRid: 'c', priorityOrdering: order, ridNotAvailable: order } }),
    ]);
  });

  it('SF9 the two directions are asked for at the same time', async () => {
    await Member.live();
    const held = [sfu.hold('sessions/new'), sfu.hold('sessions/new')];
    const bob = Member.join(
      { sub: 'bob' },
      { publish: publishing(), receive: { sessionDescription: receivingOffer(1, 1) } },
    );
    await Promise.all(held.map((hold) => hold.reached()));
    for (const hold of held) hold.release();
    expect(joined((await bob).joined.receive).tracks).toHaveLength(2);
  });

  it('SF9 pulls sound first, what is seen before what is muted, and no more than there are sections', async () => {
    const muted = await Member.join({ sub: 'muted' }, { publish: publishing() });
    await muted.connect();
    await muted.say({
      type: 'tracks',
      sessionId: muted.publishSession,
      tracks: [MICROPHONE, { ...CAMERA, muted: true }],
    });
    const seen = await Member.live({ sub: 'seen' });
    const bob = await Member.join({ sub: 'bob' }, { receive: { sessionDescription: receivingOffer(4, 1) } });
    const pulled = joined(bob.joined.receive).tracks.map(({ sessionId, trackName }) => [sessionId, trackName]);
    expect(pulled).toEqual([
      [muted.publishSession, MICROPHONE.trackName],
      [seen.publishSession, MICROPHONE.trackName],
      [seen.publishSession, CAMERA.trackName],
    ]);
  });

  it('SF9 waits for nobody who is away', async () => {
    const ann = await Member.live();
    const cat = await Member.live({ sub: 'cat' });
    await ann.drop();
    const bob = await Member.join({ sub: 'bob' }, { receive: { sessionDescription: receivingOffer(4, 4) } });
    const pulled = joined(bob.joined.receive).tracks.map(({ sessionId }) => sessionId);
    expect(pulled).toEqual([cat.publishSession, cat.publishSession]);
  });

  it('SF9 without an offer the SFU makes one', async () => {
    await Member.live();
    const bob = await Member.join({ sub: 'bob' }, { receive: {} });
    expect(bob.joined.receive).toMatchObject({
      requiresImmediateRenegotiation: true,
      sessionDescription: { type: 'offer' },
    });
  });

  it('SF9 an offer that the SFU does not take is followed by its own', async () => {
    await Member.live();
    sfu.once('tracks/new', () => failed(406, 'invalid_session_description'));
    const bob = await Member.join({ sub: 'bob' }, { receive: { sessionDescription: receivingOffer(4, 4) } });
    expect(bob.joined.receive).toMatchObject({ sessionDescription: { type: 'offer' } });
  });

  it('SF9 where nothing is live there is nothing to receive', async () => {
    const ann = await Member.join({}, { receive: { sessionDescription: receivingOffer(4, 4) } });
    expect(ann.joined).not.toHaveProperty('receive');
    expect(sfu.calls).toEqual([]);
  });

  it('SF9 a track that cannot be had is an item error beside the others', async () => {
    await Member.live();
    sfu.publisherOf('camera-1').local.delete('1');
    const bob = await Member.join({ sub: 'bob' }, { receive: { sessionDescription: receivingOffer(4, 4) } });
    expect(joined(bob.joined.receive).tracks).toMatchObject([
      { mid: 'a0' },
      { mid: '', errorCode: 'not_found_track_error' },
    ]);
  });

  const faults: [code: string, answer: () => Response | Promise<never>][] = [
    ['sfu_error', () => failed(401, 'unauthorized')],
    ['sfu_error', () => failed(503, 'backend_error')],
    ['sfu_unreachable', () => Promise.reject(new TypeError('refused'))],
    ['session_error', () => failed(410, 'session_error')],
  ];
  it.each(faults)('SF10 %s costs the media, not the seat', async (errorCode, answer) => {
    await Member.live();
    sfu.once('sessions/new', answer);
    sfu.once('sessions/new', answer);
    const bob = await Member.join({ sub: 'bob' }, { publish: publishing(), receive: {} });
    expect(bob.joined).toMatchObject({ publish: { errorCode }, receive: { errorCode } });
    await bob.connect();
    await bob.say({ type: 'hand', raised: true });
    await bob.next('change', (change) => change.type === 'put' && change.participant.hand !== undefined);
  });

  it('SF10 one direction does not fail with the other', async () => {
    await Member.live();
    sfu.once('tracks/new', (request) => failed(400, JSON.stringify(request.body).includes('local') ? 'a' : 'b'));
    const bob = await Member.join({ sub: 'bob' }, { publish: publishing(), receive: {} });
    const media = [bob.joined.publish, bob.joined.receive].map((entry) => entry && 'sessionId' in entry);
    expect(media).toContain(true);
  });

  it('SF10 A3 what is not granted is refused in its place, and the SFU hears nothing', async () => {
    await Member.live();
    const before = sfu.calls.length;
    const grants = { publish: ['audio'], subscribe: false };
    const bob = await Member.join({ sub: 'bob', grants }, { publish: publishing(), receive: {} });
    expect(bob.joined).toMatchObject({ publish: { errorCode: 'forbidden' }, receive: { errorCode: 'forbidden' } });
    expect(sfu.calls).toHaveLength(before);
  });

  it('SF6 A4 an offer to receive that sends as well is refused', async () => {
    await Member.live();
    const before = sfu.calls.length;
    const bob = await Member.join({ sub: 'bob' }, { receive: { sessionDescription: publishingOffer() } });
    expect(bob.joined.receive).toMatchObject({ errorCode: 'forbidden' });
    expect(sfu.calls).toHaveLength(before);
  });

  it('SF11 A23 media of a join that was overtaken is closed', async () => {
    const held = sfu.hold('tracks/new');
    const first = call('POST', `/rooms/${room()}/join`, {
      bearer: await mint(),
      body: { protocol: 1, publish: publishing() },
    });
    await held.reached();
    await Member.join();
    held.release();
    expect(await refusal(await first)).toBe('401 unauthorized');
    await vi.waitFor(() => expect(sfu.callsTo('tracks/close')).toHaveLength(1));
    expect([...sfu.sessions.values()].map(({ closed }) => closed)).toEqual([['0', '1']]);
  });
});

it('ER4 the log of a whole call holds no token, secret, ticket, SDP, name or id of the SFU', async () => {
  const ann = await Member.live({ name: 'Ann Secret' });
  await ann.call('POST', '/leave');
  await step();
  const lines = log.mock.calls.map(([line]) => String(line)).join('\n');
  expect(logged().map(({ event }) => event)).toEqual(['joined', 'left']);
  for (const secret of [
    await mint(),
    ann.joined.memberSecret,
    ann.joined.ticket,
    'v=0',
    'Secret',
    room(),
    ...sfu.sessions.keys(),
  ])
    expect(lines).not.toContain(secret);
});
