import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Refusal } from '../refusal.ts';
import { FakeSfu, failed } from '../testing/fake-sfu.ts';
import { SfuClient } from './sfu-client.ts';

const ACCESS = { baseUrl: 'https://sfu.test/v1/apps/app', token: 'app-secret' };
const ID = '0123456789abcdef'.repeat(2);

let sfu: FakeSfu;
let client: SfuClient;
let log: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  sfu = FakeSfu.install();
  client = new SfuClient(ACCESS);
  log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
});

async function refusalOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => 'resolved',
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refusal)) throw new Error(`no refusal: ${String(error)}`);
  return `${error.status} ${error.body.errorCode}`;
}

describe('requests', () => {
  it('SF8 A7 their headers are these and no others', async () => {
    const id = await client.newSession();
    await client.getSession(id);
    await client.closeTracks(id, { force: true, tracks: [{ mid: '0' }] });
    const [created, read, closed] = sfu.calls;
    const headers = { authorization: 'Bearer app-secret', 'user-agent': 'realtime-call' };
    expect(created?.headers).toEqual(headers);
    expect(created?.body).toBeUndefined();
    expect(read?.headers).toEqual(headers);
    expect(closed?.headers).toEqual({ ...headers, 'content-type': 'application/json' });
  });

  it('SF8 A8 a redirect is not followed', async () => {
    const elsewhere = () => new Response(null, { status: 302, headers: { location: 'https://canary.test/' } });
    sfu.once('sessions/new', elsewhere, { misshapen: 'the API knows no redirect' });
    expect(await refusalOf(client.newSession())).toBe('502 sfu_error');
    expect(sfu.calls).toMatchObject([{ url: `${ACCESS.baseUrl}/sessions/new`, redirect: 'manual' }]);
  });

  it.each(['../../other', 'a/b', 'x', 'a?b=c'.repeat(3), 5, null])('SF2 A6 %j is not taken for an id', async (id) => {
    const answer = () => Response.json({ sessionId: id }, { status: 201 });
    sfu.once('sessions/new', answer, { misshapen: 'the id is none' });
    expect(await refusalOf(client.newSession())).toBe('502 sfu_error');
  });
});

describe('refusals', () => {
  it.each([400, 406, 409, 410, 413, 425, 429])('ER2 %i passes with the SFU’s code', async (status) => {
    sfu.once('sessions/new', () => failed(status, 'session_error'));
    expect(await refusalOf(client.newSession())).toBe(`${status} session_error`);
  });

  it.each([401, 403, 404])('ER3 %i is our own fault, and the log has a hint', async (status) => {
    sfu.once('sessions/new', () => failed(status, 'unauthorized'));
    expect(await refusalOf(client.newSession())).toBe('502 sfu_error');
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('REALTIME_APP_TOKEN'));
  });

  it.each([500, 418])('ER3 %i is 502', async (status) => {
    sfu.once('sessions/new', () => failed(status, 'internal_error'));
    expect(await refusalOf(client.newSession())).toBe('502 sfu_error');
  });

  const unusable: [misshapen: string, answer: () => Response][] = [
    ['success with an error in it', () => Response.json({ sessionId: ID, errorCode: 'internal_error' })],
    ['a page of a proxy', () => new Response('<html>', { status: 200 })],
    ['nothing', () => new Response('', { status: 201 })],
    ['a list', () => Response.json([])],
    ['a refusal without a code', () => Response.json({}, { status: 406 })],
  ];
  it.each(unusable)('ER3 %s is 502', async (misshapen, answer) => {
    sfu.once('sessions/new', answer, { misshapen });
    expect(await refusalOf(client.newSession())).toBe('502 sfu_error');
  });

  it('ER3 no connection is 502 sfu_unreachable', async () => {
    sfu.once('sessions/new', () => Promise.reject(new TypeError('connection refused')));
    expect(await refusalOf(client.newSession())).toBe('502 sfu_unreachable');
  });

  it('ER3 an SFU that never answers is 504', async () => {
    sfu.once('sessions/new', () => new Promise(() => undefined));
    expect(await refusalOf(new SfuClient(ACCESS, 20).newSession())).toBe('504 sfu_timeout');
  });

  it('ER3 an SFU that stops within its answer is 504', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"sessionId":'));
      },
    });
    sfu.once('sessions/new', () => new Response(body, { status: 201 }), { misshapen: 'it has no end' });
    expect(await refusalOf(new SfuClient(ACCESS, 20).newSession())).toBe('504 sfu_timeout');
  });

  it('ER4 A25 texts of the SFU are cleared of ids', async () => {
    sfu.once('sessions/new', () => failed(410, 'session_error', `Session ${ID} of app-1234567890123456 is gone.`));
    await expect(client.newSession()).rejects.toMatchObject({ body: { errorDescription: 'Session … of … is gone.' } });
  });
});

describe('answers', () => {
  const wanted = { tracks: [{ location: 'remote' as const, sessionId: ID, trackName: 'a' }] };

  it('SF2 session ids become handles, and unknown ones vanish', async () => {
    const handle = 'f'.repeat(32);
    const items = [
      { mid: '0', trackName: 'a', sessionId: ID },
      { mid: '', sessionId: 'e'.repeat(32), trackName: 'b', errorCode: 'x', errorDescription: `no ${ID}`, secret: 1 },
    ];
    const answer = () => Response.json({ requiresImmediateRenegotiation: false, tracks: items });
    sfu.once('tracks/new', answer, { misshapen: 'it has a field that the API does not know' });
    expect(await client.newTracks(ID, wanted, new Map([[ID, handle]]))).toEqual({
      requiresImmediateRenegotiation: false,
      tracks: [
        { mid: '0', trackName: 'a', sessionId: handle },
        { mid: '', trackName: 'b', errorCode: 'x', errorDescription: 'no …' },
      ],
    });
  });

  it.each([{ tracks: [null] }, { tracks: [{ mid: 5 }] }, { tracks: [], sessionDescription: { type: 'offer' } }])(
    'ER3 %j cannot be used',
    async (answer) => {
      sfu.once('tracks/new', () => Response.json(answer), { misshapen: 'it cannot be used' });
      expect(await refusalOf(client.newTracks(ID, wanted))).toBe('502 sfu_error');
    },
  );
});
