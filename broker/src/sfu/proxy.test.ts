import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CAMERA, MICROPHONE, Member, call, cleanUp, publishing, refusal, room } from '../testing/client.ts';
import { FakeSfu, failed } from '../testing/fake-sfu.ts';
import { buildSdp, publishingOffer, receivingOffer } from '../testing/sdp.ts';

/** An id that is formed right and belongs to nobody. */
const NOBODY = 'deadbeef'.repeat(4);
const ANSWER = { sessionDescription: { type: 'answer', sdp: buildSdp([]) } };

let sfu: FakeSfu;

beforeEach(() => {
  sfu = FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => cleanUp());

async function newSession(member: Member): Promise<string> {
  const response = await member.call('POST', '/sessions/new');
  expect(response.status).toBe(201);
  return ((await response.json()) as { sessionId: string }).sessionId;
}

const remote = (member: Member, trackName = MICROPHONE.trackName) => ({
  location: 'remote',
  sessionId: member.publishSession,
  trackName,
});

describe('the SFU’s own calls, through the broker', () => {
  it('SF11 A23 tracks that were published for a seat that has moved on are refused, and closed', async () => {
    const ann = await Member.join();
    const sessionId = await newSession(ann);
    const held = sfu.hold('tracks/new');
    const late = ann.call('POST', `/sessions/${sessionId}/tracks/new`, publishing());
    await held.reached();
    await Member.join();
    held.release();
    expect(await refusal(await late)).toBe('401 unauthorized');
    await vi.waitFor(() => expect([...sfu.sessions.values()].map(({ closed }) => closed)).toEqual([['0', '1']]));
  });

  it('SF1 new, publish, pull, renegotiate, update, close, read', async () => {
    const ann = await Member.join();
    const published = await newSession(ann);
    const pushed = await ann.call('POST', `/sessions/${published}/tracks/new`, publishing());
    expect(await pushed.json()).toMatchObject({
      requiresImmediateRenegotiation: false,
      tracks: [{ mid: '0', trackName: 'microphone-1' }, { mid: '1' }],
      sessionDescription: { type: 'answer' },
    });

    const bob = await Member.join({ sub: 'bob' });
    const received = await newSession(bob);
    const wanted = { location: 'remote', sessionId: published, trackName: 'camera-1' };
    const pulled = await bob.call('POST', `/sessions/${received}/tracks/new`, { tracks: [wanted] });
    expect(await pulled.json()).toMatchObject({
      requiresImmediateRenegotiation: true,
      tracks: [{ mid: '0', sessionId: published, trackName: 'camera-1' }],
      sessionDescription: { type: 'offer' },
    });
    expect(await (await bob.call('PUT', `/sessions/${received}/renegotiate`, ANSWER)).json()).toEqual({});

    const other = { ...wanted, trackName: 'microphone-1', mid: '0' };
    const updated = await bob.call('PUT', `/sessions/${received}/tracks/update`, { tracks: [other] });
    expect(await updated.json()).toEqual({
      requiresImmediateRenegotiation: false,
      tracks: [{ mid: '0', sessionId: published, trackName: 'microphone-1' }],
    });

    const read = await bob.call('GET', `/sessions/${received}`);
    expect(await read.json()).toEqual({
      tracks: [{ location: 'remote', mid: '0', sessionId: published, trackName: 'microphone-1', status: 'active' }],
      dataChannels: [],
    });

    const close = { force: true, tracks: [{ mid: '0' }, { mid: '0' }] };
    const closed = await bob.call('PUT', `/sessions/${received}/tracks/close`, close);
    expect(await closed.json()).toMatchObject({ tracks: [{ mid: '0' }, { errorCode: 'close_track_error' }] });
  });

  it('SF1 an empty object is no body, and a bare question mark is nothing', async () => {
    const ann = await Member.join();
    expect((await ann.call('POST', '/sessions/new?', {})).status).toBe(201);
    expect(sfu.callsTo('sessions/new')[0]?.body).toBeUndefined();
  });

  it('SF1 a new session takes no offer: it would send before anything was asked', async () => {
    const ann = await Member.join();
    const response = await ann.call('POST', '/sessions/new', { sessionDescription: publishingOffer() });
    expect(await refusal(response)).toBe('400 decoding_error');
    expect(sfu.calls).toEqual([]);
  });

  it('SF4 tracks that can be had are had beside those that cannot', async () => {
    const ann = await Member.live();
    const bob = await Member.join({ sub: 'bob' });
    const session = await newSession(bob);
    const tracks = [remote(ann), { ...remote(ann), sessionId: NOBODY }, remote(ann, 'nothing')];
    const response = await bob.call('POST', `/sessions/${session}/tracks/new`, { tracks });
    expect(await response.json()).toMatchObject({
      requiresImmediateRenegotiation: true,
      tracks: [
        { mid: '0', trackName: 'microphone-1' },
        { mid: '', sessionId: NOBODY, errorCode: 'not_found_track_error' },
        { mid: '', trackName: 'nothing', errorCode: 'not_found_track_error' },
      ],
    });
    expect(sfu.callsTo('tracks/new').at(-1)?.body).toMatchObject({ tracks: [{ trackName: 'microphone-1' }] });
  });

  it('SF4 a closed track can be pulled no more', async () => {
    const ann = await Member.live();
    await ann.call('PUT', `/sessions/${ann.publishSession}/tracks/close`, { force: true, tracks: [{ mid: '0' }] });
    const { change } = await ann.next('change');
    expect(change).toMatchObject({ participant: { tracks: [CAMERA] } });
    const bob = await Member.join({ sub: 'bob' });
    const before = sfu.calls.length;
    const response = await bob.call('POST', `/sessions/${await newSession(bob)}/tracks/new`, { tracks: [remote(ann)] });
    expect(await response.json()).toMatchObject({ tracks: [{ errorCode: 'not_found_track_error' }] });
    expect(sfu.calls).toHaveLength(before + 1);
  });

  it('SF5 a screen is published in the session of the camera, by the next offer', async () => {
    const ann = await Member.live();
    const { sdp } = publishingOffer();
    const screen = `${sdp}${buildSdp([{ kind: 'video', mid: '2', direction: 'sendonly' }]).replace(/^[^]*?(?=m=)/, '')}`;
    const body = {
      sessionDescription: { type: 'offer', sdp: screen },
      tracks: [{ location: 'local', mid: '2', trackName: 'screen-1' }],
    };
    expect((await ann.call('POST', `/sessions/${ann.publishSession}/tracks/new`, body)).status).toBe(200);
    const tracks = [MICROPHONE, CAMERA, { trackName: 'screen-1', source: 'screen' as const, muted: false, rids: [] }];
    await ann.say({ type: 'tracks', sessionId: ann.publishSession, tracks });
    expect((await ann.next('change')).change).toMatchObject({ participant: { tracks } });
  });

  it('SF5 a track that the SFU refused cannot be pulled, and its section may remain', async () => {
    sfu.once('tracks/new', (request) => {
      const { tracks } = request.body as { tracks: { mid: string; trackName: string }[] };
      const failure = { mid: '', errorCode: 'internal_error', errorDescription: 'Backend error' };
      const results = tracks.map(({ mid, trackName }, index) => ({ mid, trackName, ...(index === 1 && failure) }));
      return Response.json({ requiresImmediateRenegotiation: false, tracks: results, ...ANSWER });
    });
    const ann = await Member.join({}, { publish: publishing() });
    const session = ann.publishSession;
    const bob = await Member.join({ sub: 'bob' });
    const tracks = [remote(ann, CAMERA.trackName)];
    const pulled = await bob.call('POST', `/sessions/${await newSession(bob)}/tracks/new`, { tracks });
    expect(await pulled.json()).toMatchObject({ tracks: [{ errorCode: 'not_found_track_error' }] });
    expect(sfu.callsTo('tracks/new')).toHaveLength(1);
    const again = { ...publishing(), tracks: [{ location: 'local', mid: '1', trackName: 'camera-2' }] };
    expect((await ann.call('POST', `/sessions/${session}/tracks/new`, again)).status).toBe(200);
    const rest = { ...publishing(), tracks: [{ location: 'local', mid: '0', trackName: 'microphone-2' }] };
    expect((await ann.call('POST', `/sessions/${session}/tracks/new`, rest)).status).toBe(200);
  });

  it.each([406, 410, 425, 429])('ER2 %i of the SFU reaches the client as it is', async (status) => {
    const ann = await Member.live();
    sfu.once('renegotiate', () => failed(status, 'session_error'));
    expect(await refusal(await ann.call('PUT', `/sessions/${ann.publishSession}/renegotiate`, ANSWER))).toBe(
      `${status} session_error`,
    );
  });

  it('SF11 what a member has pulled is closed when the member goes', async () => {
    const ann = await Member.live();
    const bob = await Member.join({ sub: 'bob' }, { receive: { sessionDescription: receivingOffer(1, 1) } });
    await bob.call('POST', `/sessions/${await newSession(bob)}/tracks/new`, { tracks: [remote(ann)] });
    await bob.call('POST', '/leave');
    await vi.waitFor(() => expect(sfu.callsTo('tracks/close')).toHaveLength(2));
    const mids = sfu.callsTo('tracks/close').map(({ body }) => body);
    expect(mids).toContainEqual({ force: true, tracks: [{ mid: 'a0' }, { mid: 'v0' }] });
    expect(mids).toContainEqual({ force: true, tracks: [{ mid: '0' }] });
  });

  const broken: [name: string, method: string, path: string, body: unknown][] = [
    [
      'local and remote together',
      'POST',
      'tracks/new',
      { tracks: [publishing().tracks[0], { location: 'remote', sessionId: NOBODY, trackName: 'a' }] },
    ],
    ['no tracks', 'POST', 'tracks/new', { tracks: [] }],
    ['local tracks without an offer', 'POST', 'tracks/new', { tracks: publishing().tracks }],
    ['local tracks with an answer', 'POST', 'tracks/new', { ...publishing(), ...ANSWER }],
    [
      'local tracks with an offer that is called an answer',
      'POST',
      'tracks/new',
      { ...publishing(), sessionDescription: { ...publishingOffer(), type: 'answer' } },
    ],
    ['an offer to renegotiate', 'PUT', 'renegotiate', { sessionDescription: publishingOffer() }],
    ['nothing to renegotiate', 'PUT', 'renegotiate', {}],
    ['a close without force', 'PUT', 'tracks/close', { tracks: [{ mid: '0' }] }],
  ];
  it.each(broken)('ER1 %s is 400, and the SFU hears nothing', async (_name, method, path, body) => {
    const ann = await Member.live();
    const before = sfu.calls.length;
    const response = await ann.call(method, `/sessions/${ann.publishSession}/${path}`, body);
    expect(await refusal(response)).toBe('400 decoding_error');
    expect(sfu.calls).toHaveLength(before);
  });
});

/** Every call on a session, with a body that is good as far as it goes. */
const CALLS = (session: string, owner: Member): [method: string, path: string, body?: unknown][] => [
  ['POST', `/sessions/${session}/tracks/new`, publishing()],
  ['POST', `/sessions/${session}/tracks/new`, { tracks: [remote(owner)] }],
  ['PUT', `/sessions/${session}/tracks/update`, { tracks: [{ ...remote(owner), mid: '0' }] }],
  ['PUT', `/sessions/${session}/tracks/close`, { force: true, tracks: [{ mid: '0' }, { mid: '1' }] }],
  ['PUT', `/sessions/${session}/renegotiate`, ANSWER],
  ['GET', `/sessions/${session}`],
];

describe('attacks', () => {
  it('A1 SF3 a session of somebody else does not exist, for any call', async () => {
    const ann = await Member.live();
    const bob = await Member.join({ sub: 'bob', role: 'host' });
    const before = sfu.calls.length;
    for (const session of [ann.publishSession, NOBODY, sfu.publisherOf('camera-1').id])
      for (const [method, path, body] of CALLS(session, ann)) {
        const response = await bob.call(method, path, body);
        expect(response.status).toBe(410);
        expect(await response.text()).toBe(
          '{"errorCode":"session_error","errorDescription":"No such session of yours: make a new one"}',
        );
      }
    expect(sfu.calls).toHaveLength(before);
  });

  it('A2 SF2 a track of another room is as unknown as one that does not exist, by handle and by the SFU’s own id', async () => {
    const ann = await Member.live({ room: `${room()}-b` });
    const eve = await Member.join({ sub: 'eve' });
    const session = await newSession(eve);
    const before = sfu.calls.length;
    const answers = await Promise.all(
      [ann.publishSession, sfu.publisherOf('microphone-1').id, NOBODY].map(async (sessionId) => {
        const tracks = [{ ...remote(ann), sessionId }];
        const pulled = await eve.call('POST', `/sessions/${session}/tracks/new`, { tracks });
        const update = { tracks: [{ ...tracks[0], mid: '0' }] };
        const updated = await eve.call('PUT', `/sessions/${session}/tracks/update`, update);
        return [pulled.status, await pulled.text(), updated.status, await updated.text()]
          .join()
          .replaceAll(sessionId, 'ID');
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('not_found_track_error');
    expect(sfu.calls).toHaveLength(before);
  });

  it('A2 HS8 a member secret is good in its room only', async () => {
    const ann = await Member.live();
    const other = `${room()}-b`;
    await Member.join({ room: other });
    const bearer = ann.joined.memberSecret;
    for (const [method, path, body] of [
      ...CALLS(ann.publishSession, ann),
      ['POST', '/ticket'],
      ['POST', '/leave'],
    ] as const) {
      const response = await call(method, `/rooms/${other}${path}`, { bearer, ...(body !== undefined && { body }) });
      expect(await refusal(response)).toBe('401 unauthorized');
    }
  });

  it('A3 SF7 nothing is published and nothing pulled without the grant', async () => {
    const ann = await Member.live();
    const mute = await Member.join({ sub: 'mute', role: 'listener' });
    const deaf = await Member.join({ sub: 'deaf', grants: { publish: ['audio', 'video'], subscribe: false } });
    const [muteSession, deafSession] = [await newSession(mute), await newSession(deaf)];
    const before = sfu.calls.length;
    expect(await refusal(await mute.call('POST', `/sessions/${muteSession}/tracks/new`, publishing()))).toBe(
      '403 forbidden',
    );
    const pull = { tracks: [remote(ann)] };
    expect(await refusal(await deaf.call('POST', `/sessions/${deafSession}/tracks/new`, pull))).toBe('403 forbidden');
    const update = { tracks: [{ ...remote(ann), mid: '0' }] };
    expect(await refusal(await deaf.call('PUT', `/sessions/${deafSession}/tracks/update`, update))).toBe(
      '403 forbidden',
    );
    expect(sfu.calls).toHaveLength(before);
  });

  it('A4 SF6 no call lets in a section that sends beside the tracks', async () => {
    const ann = await Member.join({ grants: { publish: ['audio'], subscribe: true } });
    const host = await Member.live({ sub: 'host' });
    const session = await newSession(ann);
    const sdp = buildSdp([
      { kind: 'audio', mid: '0', direction: 'sendonly' },
      { kind: 'video', mid: '1', direction: 'sendrecv' },
    ]);
    const [offer, answer] = [
      { type: 'offer', sdp },
      { type: 'answer', sdp },
    ];
    const bodies: [method: string, path: string, body: unknown][] = [
      ['POST', 'tracks/new', { sessionDescription: offer, tracks: [{ location: 'local', mid: '0', trackName: 'a' }] }],
      ['POST', 'tracks/new', { sessionDescription: offer, tracks: [remote(host)] }],
      ['PUT', 'renegotiate', { sessionDescription: answer }],
      ['PUT', 'tracks/close', { sessionDescription: offer, force: false, tracks: [{ mid: '0' }] }],
    ];
    const before = sfu.calls.length;
    for (const [method, path, body] of bodies)
      expect(await refusal(await ann.call(method, `/sessions/${session}/${path}`, body))).toBe('403 forbidden');
    expect(sfu.calls).toHaveLength(before);
  });

  it('A5 SF1 no other call of the SFU can be reached', async () => {
    const ann = await Member.live();
    const session = ann.publishSession;
    const before = sfu.calls.length;
    for (const path of [
      '/adapters/websocket/new',
      '/adapters/websocket/close',
      `/sessions/${session}/datachannels/establish`,
      `/sessions/${session}/datachannels/new`,
      `/sessions/${session}/datachannels/update`,
      `/sessions/${session}/datachannels/close`,
      `/sessions/${session}/tracks/change`,
      '/apps/other/sessions/new',
    ])
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'])
        expect((await ann.call(method, path, method === 'GET' ? undefined : {})).status).toBe(404);
    expect(sfu.calls).toHaveLength(before);
  });

  it('A5 A7 SF8 query, headers and fields of the client do not reach the SFU', async () => {
    const ann = await Member.live();
    const headers = {
      cookie: 'a=b',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'evil.example',
      'x-ticket-hash': 'x',
      'content-type': 'application/xml',
      'user-agent': 'evil',
      forwarded: 'for=1.2.3.4',
    };
    const bearer = ann.joined.memberSecret;
    await call('POST', `/rooms/${room()}/sessions/new?thirdparty=true&correlationId=x`, { bearer, headers });
    expect(sfu.calls.at(-1)).toMatchObject({ url: 'https://sfu.test/v1/apps/app/sessions/new' });
    expect(sfu.calls.at(-1)?.headers).toEqual({ authorization: 'Bearer app-secret', 'user-agent': 'realtime-call' });

    const session = await newSession(ann);
    const body = { autoDiscover: false, tracks: [{ ...remote(ann), bidirectionalMediaStream: false, kind: 'audio' }] };
    await call('POST', `/rooms/${room()}/sessions/${session}/tracks/new?a=b`, { bearer, body, headers });
    const { id } = sfu.publisherOf('microphone-1');
    expect(sfu.calls.at(-1)?.body).toEqual({ tracks: [{ ...remote(ann), sessionId: id }] });
    expect(Object.keys(sfu.calls.at(-1)?.headers ?? {}).sort()).toEqual([
      'authorization',
      'content-type',
      'user-agent',
    ]);
  });

  it.each([
    '..',
    '.',
    '%2e%2e',
    '%2e%2e%2f%2e%2e',
    '..%5c..',
    'a%00b',
    'a%0d%0ab',
    '%23',
    '%3fthirdparty=true',
    'x'.repeat(64),
    'DEADBEEF'.repeat(4),
    `${NOBODY}%2ftracks`,
    'new',
    '__proto__',
    '*',
  ])('A6 %s as a session id goes nowhere', async (id) => {
    const ann = await Member.live();
    const before = sfu.calls.length;
    for (const [method, path, body] of CALLS(id, ann))
      expect((await ann.call(method, path, body)).status).toBeOneOf([404, 405, 410]);
    expect(sfu.calls).toHaveLength(before);
  });

  it('A16 RM10 who announces is known from the socket', async () => {
    const ann = await Member.live({ name: 'Ann' });
    const bob = await Member.live({ sub: 'bob', name: 'Bob' });
    await ann.next('change', (change) => change.type === 'put' && change.participant.tracks.length === 2);
    await bob.say(JSON.stringify({ type: 'tracks', sessionId: ann.publishSession, tracks: [MICROPHONE] }));
    expect(await bob.next('error')).toMatchObject({ errorCode: 'not_found' });
    const forged = {
      type: 'tracks',
      sessionId: bob.publishSession,
      tracks: [],
      id: ann.id,
      from: ann.id,
      name: 'Ann',
      role: 'host',
    };
    await bob.say(JSON.stringify(forged));
    const { change } = await ann.next('change');
    expect(change).toMatchObject({ type: 'put', participant: { id: bob.id, name: 'Bob', role: 'guest', tracks: [] } });
  });

  it('A22 HS8 a member secret that is guessed, cut or longer opens nothing', async () => {
    const ann = await Member.live();
    const secret = ann.joined.memberSecret;
    for (const bearer of [
      'x'.repeat(43),
      secret.slice(1),
      `${secret}=`,
      `${secret}A`,
      secret.toLowerCase(),
      ann.joined.ticket,
      '',
    ])
      expect(await refusal(await call('POST', `/rooms/${room()}/sessions/new`, { bearer }))).toBe('401 unauthorized');
  });

  it('A25 ER4 nothing that comes out holds an id of the SFU or a secret', async () => {
    const ann = await Member.live();
    const bob = await Member.live({ sub: 'bob' });
    const texts = [JSON.stringify(ann.joined), JSON.stringify(bob.joined), JSON.stringify(bob.inbox)];
    for (const [method, path, body] of CALLS(bob.publishSession, ann))
      texts.push(await (await bob.call(method, path, body)).text());
    for (const id of sfu.sessions.keys()) expect(texts.join()).not.toContain(id);
    for (const secret of ['app-secret', 'sfu.test', 'apps/app', '    at ']) expect(texts.join()).not.toContain(secret);
  });
});
