import { env, exports } from 'cloudflare:workers';
import { runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BROKER, CAMERA, MICROPHONE, Member, call, cleanUp, mint, refusal, room, step } from '../testing/client.ts';
import { FakeSfu, failed } from '../testing/fake-sfu.ts';
import { buildSdp, publishingOffer } from '../testing/sdp.ts';

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

type Json = Record<string, unknown>;

/** Knows the SFU's API, a base URL and a bearer: nothing of joining, tickets or sockets. */
class ApiClient {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  static async as(sub: string, claims: Json = {}): Promise<ApiClient> {
    return new ApiClient(await mint({ sub, ...claims }));
  }

  /** As a browser's fetch sends a string: text/plain, to a URL with an empty query. */
  async call(method: string, path: string, body?: Json): Promise<{ status: number; body: Json }> {
    const response = await exports.default.fetch(`${BROKER}/rooms/${room()}${path}?`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body && { 'content-type': 'text/plain;charset=UTF-8' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = { status: response.status, body: (await response.json()) as Json };
    await step();
    return answer;
  }

  async newSession(): Promise<string> {
    const { status, body } = await this.call('POST', '/sessions/new');
    expect([status, Object.keys(body)]).toEqual([201, ['sessionId']]);
    return String(body['sessionId']);
  }

  push(session: string, tracks = TRACKS): Promise<{ status: number; body: Json }> {
    return this.call('POST', `/sessions/${session}/tracks/new`, { sessionDescription: publishingOffer(), tracks });
  }

  /** A session with a microphone and a camera. */
  async publish(): Promise<string> {
    const session = await this.newSession();
    expect((await this.push(session)).status).toBe(200);
    return session;
  }
}

const TRACKS = [
  { location: 'local', mid: '0', trackName: 'mic-x' },
  { location: 'local', mid: '1', trackName: 'cam-x' },
];
const stub = () => env.ROOMS.getByName(room());

/** Lets time pass and the alarm ring. */
async function pass(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(stub());
}

/** Everybody but the one who looks. */
async function others(): Promise<Json[]> {
  const eye = await Member.join({ sub: 'eye' });
  await eye.call('POST', '/leave');
  return eye.joined.roster.participants.filter(({ id }) => id !== eye.id) as unknown as Json[];
}

describe('a client of the SFU’s API with a room token', () => {
  it('SF13 new, push, pull, renegotiate, update, close and read, in one session, in the SFU’s shapes', async () => {
    const ann = await ApiClient.as('ann');
    const theirs = await ann.publish();
    const bob = await ApiClient.as('bob');
    const session = await bob.newSession();
    expect(await bob.push(session)).toMatchObject({
      status: 200,
      body: {
        requiresImmediateRenegotiation: false,
        tracks: [
          { mid: '0', trackName: 'mic-x' },
          { mid: '1', trackName: 'cam-x' },
        ],
        sessionDescription: { type: 'answer' },
      },
    });

    const wanted = { location: 'remote', sessionId: theirs, trackName: 'cam-x' };
    const pulled = await bob.call('POST', `/sessions/${session}/tracks/new`, { tracks: [wanted] });
    const [{ mid } = {}] = pulled.body['tracks'] as Json[];
    expect(pulled.body).toMatchObject({
      requiresImmediateRenegotiation: true,
      tracks: [{ sessionId: theirs, trackName: 'cam-x' }],
      sessionDescription: { type: 'offer' },
    });

    // The answer has the sections that this session sends in beside the new one.
    const sending = [
      { kind: 'audio', mid: '0', direction: 'sendonly' },
      { kind: 'video', mid: '1', direction: 'sendonly' },
    ] as const;
    const answer = buildSdp([...sending, { kind: 'video', mid: String(mid), direction: 'recvonly' }]);
    const accepted = { sessionDescription: { type: 'answer', sdp: answer } };
    expect(await bob.call('PUT', `/sessions/${session}/renegotiate`, accepted)).toEqual({ status: 200, body: {} });

    const update = { tracks: [{ ...wanted, trackName: 'mic-x', mid, simulcast: { preferredRid: '' } }] };
    expect((await bob.call('PUT', `/sessions/${session}/tracks/update`, update)).body).toEqual({
      requiresImmediateRenegotiation: false,
      tracks: [{ mid, sessionId: theirs, trackName: 'mic-x' }],
    });

    const read = await bob.call('GET', `/sessions/${session}`);
    expect(read.body['tracks']).toContainEqual({
      location: 'remote',
      mid,
      sessionId: theirs,
      trackName: 'mic-x',
      status: 'active',
    });

    const sdp = buildSdp([...sending, { kind: 'video', mid: String(mid), direction: 'inactive' }]);
    const close = { force: false, tracks: [{ mid }, { mid }, { mid }], sessionDescription: { type: 'offer', sdp } };
    expect((await bob.call('PUT', `/sessions/${session}/tracks/close`, close)).body).toMatchObject({
      requiresImmediateRenegotiation: false,
      tracks: [{ mid }, { mid }, { mid }],
    });
    expect(sfu.callsTo('sessions/new').every(({ body }) => body === undefined)).toBe(true);
  });

  it('SF13 twelve updates at once are twelve calls, each with its answer', async () => {
    const ann = await ApiClient.as('ann');
    const theirs = await ann.publish();
    const bob = await ApiClient.as('bob');
    const session = await bob.newSession();
    const tracks = ['mic-x', 'cam-x'].map((trackName) => ({ location: 'remote', sessionId: theirs, trackName }));
    await bob.call('POST', `/sessions/${session}/tracks/new`, { tracks });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => {
        const track = { ...tracks[index % 2], mid: String(index % 2), simulcast: { preferredRid: 'a' } };
        return bob.call('PUT', `/sessions/${session}/tracks/update`, { tracks: [track] });
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    expect(answers.map(({ body }) => (body['tracks'] as Json[])[0]?.['mid'])).toEqual(
      answers.map((_, index) => String(index % 2)),
    );
    expect(sfu.callsTo('tracks/update')).toHaveLength(12);
  });

  const refused: [name: string, method: string, path: string, change: (body: Json) => Json][] = [
    ['autoDiscover', 'POST', 'tracks/new', (body) => ({ ...body, autoDiscover: true })],
    [
      'autoDiscover alone',
      'POST',
      'tracks/new',
      ({ sessionDescription }) => ({ sessionDescription, autoDiscover: true }),
    ],
    ['a field nobody knows', 'POST', 'tracks/new', (body) => ({ ...body, thirdparty: true })],
    [
      'a bidirectional track',
      'POST',
      'tracks/new',
      (body) => ({ ...body, tracks: [{ ...TRACKS[0], bidirectionalMediaStream: true }] }),
    ],
    ['a misspelt track', 'POST', 'tracks/new', (body) => ({ ...body, tracks: [{ ...TRACKS[0], trackname: 'x' }] })],
    ['an unknown field of an update', 'PUT', 'tracks/update', () => ({ tracks: [], all: true })],
    [
      'an unknown field of a close',
      'PUT',
      'tracks/close',
      () => ({ force: true, tracks: [{ mid: '0', sessionId: 'x' }] }),
    ],
    [
      'an unknown field of an answer',
      'PUT',
      'renegotiate',
      (body) => ({ ...body, tracks: undefined, iceRestart: true }),
    ],
  ];
  it.each(refused)(
    'SF8 A4 %s is refused by its name, and the SFU hears nothing',
    async (_name, method, path, change) => {
      const ann = await ApiClient.as('ann');
      const session = await ann.newSession();
      const body = change({ sessionDescription: publishingOffer(), tracks: TRACKS });
      const before = sfu.calls.length;
      const answer = await ann.call(method, `/sessions/${session}/${path}`, body);
      expect(answer).toMatchObject({ status: 400, body: { errorCode: 'decoding_error' } });
      expect(sfu.calls).toHaveLength(before);
    },
  );

  it('SF13 only a new session takes a seat: for other calls the session is gone', async () => {
    const ann = await ApiClient.as('ann');
    const path = `/sessions/${'deadbeef'.repeat(4)}`;
    expect(await ann.call('GET', path)).toMatchObject({ status: 410, body: { errorCode: 'session_error' } });
    expect(await ann.call('POST', '/leave')).toMatchObject({ status: 401 });
    expect(await others()).toEqual([]);
    expect(sfu.calls).toEqual([]);
  });

  it('SF13 TK13 a token that is not good, or of another room, opens nothing', async () => {
    for (const claims of [{ exp: 1_000_000_000, iat: 999_999_999 }, { room: 'another' }]) {
      const eve = await ApiClient.as('eve', claims);
      expect(await eve.call('POST', '/sessions/new')).toMatchObject({ status: 401 });
    }
    expect(sfu.calls).toEqual([]);
  });

  it('SF13 HS7 a full room has no seat for it, and no ticket is given for a token', async () => {
    await Member.join();
    const bob = await ApiClient.as('bob', { limits: { participants: 1 } });
    expect(await bob.call('POST', '/sessions/new')).toMatchObject({ status: 423 });
    expect(await refusal(await call('POST', `/rooms/${room()}/ticket`, { bearer: await mint() }))).toBe(
      '401 unauthorized',
    );
  });

  it('SF13 A1 A3 is held to its own sessions and to what its token grants', async () => {
    const ann = await ApiClient.as('ann');
    const theirs = await ann.publish();
    const eve = await ApiClient.as('eve', { grants: { publish: ['audio'], subscribe: false } });
    const session = await eve.newSession();
    const before = sfu.calls.length;
    expect(await eve.push(session)).toMatchObject({ status: 403 });
    const pull = { tracks: [{ location: 'remote', sessionId: theirs, trackName: 'cam-x' }] };
    expect(await eve.call('POST', `/sessions/${session}/tracks/new`, pull)).toMatchObject({ status: 403 });
    const close = { force: true, tracks: [{ mid: '0' }] };
    expect(await eve.call('PUT', `/sessions/${theirs}/tracks/close`, close)).toMatchObject({ status: 410 });
    expect(sfu.calls).toHaveLength(before);
  });
});

describe('the seat of such a client', () => {
  it('SF14 is in the roster with its tracks, by their kind, and others can pull them', async () => {
    const eye = await Member.join({ sub: 'eye' });
    await eye.connect();
    const ann = await ApiClient.as('ann', { name: 'Ann' });
    const session = await ann.publish();
    const { change } = await eye.next('change', (put) => put.type === 'put' && put.participant.tracks.length === 2);
    expect(change).toMatchObject({
      participant: {
        name: 'Ann',
        presence: 'here',
        sessionId: session,
        tracks: [
          { ...MICROPHONE, trackName: 'mic-x' },
          { ...CAMERA, trackName: 'cam-x' },
        ],
      },
    });
    const late = await Member.join({ sub: 'late' }, { receive: {} });
    expect(late.joined.receive).toMatchObject({ tracks: [{ trackName: 'mic-x' }, { trackName: 'cam-x' }] });
  });

  it('SF14 a track that is closed is announced no more', async () => {
    const ann = await ApiClient.as('ann');
    const session = await ann.publish();
    await ann.call('PUT', `/sessions/${session}/tracks/close`, { force: true, tracks: [{ mid: '1' }] });
    expect(await others()).toMatchObject([{ tracks: [{ trackName: 'mic-x' }] }]);
  });

  it('SF14 HS5 one sub has one seat, with a socket or without', async () => {
    const ann = await Member.live();
    const api = await ApiClient.as('ann');
    await api.publish();
    expect(await others()).toMatchObject([{ id: ann.id, tracks: [MICROPHONE, CAMERA] }]);
    expect((await ann.call('POST', '/ticket')).status).toBe(200);
  });

  it('SF14 joining takes the seat over, and what was made by calls is closed', async () => {
    const api = await ApiClient.as('ann');
    const session = await api.publish();
    const [{ id } = {}] = await others();
    const ann = await Member.join();
    expect(ann.id).toBe(id);
    expect(await api.call('GET', `/sessions/${session}`)).toMatchObject({ status: 410 });
    await vi.waitFor(() => expect([...sfu.sessions.values()][0]?.closed).toEqual(['0', '1']));
  });

  it('SF14 leaves by POST /leave, at once', async () => {
    const ann = await ApiClient.as('ann');
    await ann.publish();
    expect(await ann.call('POST', '/leave')).toMatchObject({ status: 200 });
    expect(await others()).toEqual([]);
    await vi.waitFor(() => expect(sfu.callsTo('tracks/close')).toHaveLength(1));
  });

  it('SF14 lives without calls as long as the SFU knows one of its sessions, and no longer', async () => {
    const ann = await ApiClient.as('ann');
    await ann.publish();
    for (let minute = 0; minute < 3; minute += 1) {
      const asked = sfu.callsTo('GET').length;
      await pass(25_000);
      await vi.waitFor(() => expect(sfu.callsTo('GET').length).toBe(asked + 1));
      await step();
    }
    expect(await others()).toHaveLength(1);
    sfu.sessions.clear();
    await pass(25_000);
    await vi.waitFor(async () => expect(await others()).toEqual([]));
  });

  it('SF14 an SFU that fails, or is slow, ends nobody; one that was never connected to does', async () => {
    const ann = await ApiClient.as('ann');
    await ann.publish();
    sfu.once('GET', () => failed(503, 'backend_error'));
    await pass(25_000);
    await vi.waitFor(() => expect(sfu.callsTo('GET')).toHaveLength(1));
    expect(await others()).toHaveLength(1);
    sfu.once('GET', () => failed(425, 'session_error'));
    await pass(25_000);
    await vi.waitFor(async () => expect(await others()).toEqual([]));
  });

  it('SF14 a call while the SFU is asked counts for more than its answer', async () => {
    const ann = await ApiClient.as('ann');
    const session = await ann.publish();
    const held = sfu.hold('GET');
    vi.setSystemTime(Date.now() + 25_000);
    await runDurableObjectAlarm(stub());
    await held.reached();
    vi.setSystemTime(Date.now() + 1);
    sfu.sessions.clear();
    const close = { force: true, tracks: [{ mid: '1' }] };
    await exports.default.fetch(`${BROKER}/rooms/${room()}/sessions/${session}/tracks/close`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${await mint()}` },
      body: JSON.stringify(close),
    });
    held.release();
    await held.answered();
    await stub().handlesOf([]);
    expect(await others()).toHaveLength(1);
  });

  it('SF14 without a session it is kept for 25 s', async () => {
    const ann = await ApiClient.as('ann');
    sfu.once('sessions/new', () => failed(503, 'backend_error'));
    expect(await ann.call('POST', '/sessions/new')).toMatchObject({ status: 502 });
    expect(await others()).toHaveLength(1);
    await pass(25_000);
    expect(await others()).toEqual([]);
  });

  it('SF14 after a day without a call it ends, whatever the SFU says', async () => {
    const ann = await ApiClient.as('ann');
    await ann.publish();
    await pass(24 * 60 * 60 * 1000);
    expect(await others()).toEqual([]);
    expect(sfu.callsTo('GET')).toEqual([]);
  });

  it('SF14 A4 what is announced for it is a source that it may publish', async () => {
    const ann = await ApiClient.as('ann', { grants: { publish: ['screen'] } });
    await ann.publish();
    expect(await others()).toMatchObject([{ tracks: [{ source: 'screen-audio' }, { source: 'screen' }] }]);
  });

  it('SF13 A3 a token that grants less than the seat has is held to what it grants', async () => {
    await Member.live();
    const less = await ApiClient.as('ann', { grants: { publish: [], subscribe: false } });
    const session = await less.newSession();
    expect(await less.push(session)).toMatchObject({ status: 403 });
  });
});
