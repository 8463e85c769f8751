import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Callers, untilStatus, type Publisher, type Source } from './contract/callers.ts';
import { describeDataChannels } from './contract/data-channels.ts';
import { describeOpenQuestions } from './contract/open-questions.ts';
import { settle } from './contract/settle.ts';
import { isLive, startTarget, TEST_TIMEOUT_MS, type Target } from './contract/target.ts';
import type { FaultClient } from './faults/fault-client.ts';
import type { BrowserClient, Reply } from './testing/browser-client.ts';
import type { Timings } from './timings.ts';

/** What the API promises, asked by pages of a real browser over real media. Nothing in here looks inside the SFU. */

/** A picture that stands still for this long is seen to do so. */
const FREEZE_MS = 500;
const UNKNOWN_SESSION = 'f'.repeat(32);

let target: Target;
let callers: Callers;
let TIMINGS: Readonly<Timings>;

beforeAll(async () => {
  target = await startTarget({
    timings: { connectWaitMs: 400, trackQuietMs: 400, emptyTrackMs: 500, ackWaitMs: 2_000 },
  });
  TIMINGS = target.timings;
  callers = await Callers.start(target);
});

afterEach(({ task }) => settle(task, callers));

afterAll(async () => {
  await callers?.close();
  await target?.close();
});

const newClient = (): Promise<BrowserClient> => callers.newClient();
const publish = (tracks: Source[]): Promise<Publisher> => callers.publish(tracks);
const publishCamera = (): Promise<Publisher> => callers.publishCamera();
const subscriber = (publisher: Publisher): Promise<{ client: BrowserClient; mid: string }> =>
  callers.subscribe(publisher);

const ASK = { timeout: TEST_TIMEOUT_MS };

describe('the contract', ASK, () => {
  describe('publishing', () => {
    test('by an offer: answered at once, connected, listed as active', async () => {
      const client = await newClient();
      const { status, sessionId, description } = await client.do('open');
      expect({ status, description }).toEqual({ status: 201, description: undefined });
      expect(sessionId).toMatch(/^[0-9a-f]{32}$/);

      const reply = await client.do('push', [
        { name: 'microphone', source: 'microphone' },
        { name: 'camera', source: 'camera' },
      ]);
      expect(reply).toEqual({
        status: 200,
        description: 'answer',
        requiresImmediateRenegotiation: false,
        tracks: [
          { mid: '0', trackName: 'microphone' },
          { mid: '1', trackName: 'camera' },
        ],
      });
      await client.do('connected');
      const state = await client.do('onSession', 'GET', '');
      expect(state.body).toEqual({
        tracks: [
          { location: 'local', mid: '0', trackName: 'microphone', status: 'active' },
          { location: 'local', mid: '1', trackName: 'camera', status: 'active' },
        ],
        dataChannels: [],
      });
    });

    test('with autoDiscover the SFU invents the names', async () => {
      const client = await newClient();
      const sessionId = await client.session();
      const { tracks, description } = await client.do('push', [{ source: 'camera' }, { source: 'microphone' }]);
      expect(description).toBe('answer');
      expect(tracks.map(({ mid }) => mid)).toEqual(['0', '1']);
      await client.do('connected');
      await client.do('flowing');

      const other = await newClient();
      await other.session();
      const { width } = await other.do<{ width: number }>('timeToFrame', {
        sessionId,
        trackName: tracks[0]!.trackName,
      });
      expect(width).toBe(640);
    });

    test('a session may begin with an offer, and publish on the connection it made', async () => {
      const client = await newClient();
      await client.do('addDataChannel', 'server-events');
      const { status, description } = await client.do('open', { withOffer: true });
      expect({ status, description }).toEqual({ status: 201, description: 'answer' });
      await client.do('connected');
      expect((await client.do('onSession', 'GET', '')).body).toEqual({ tracks: [], dataChannels: [] });
      expect(await client.do('push', [{ name: 'camera', source: 'camera' }])).toMatchObject({
        status: 200,
        description: 'answer',
        tracks: [{ mid: '1', trackName: 'camera' }],
      });
    });

    test('a name that is in use, and a section that does not send, fail alone', async () => {
      const { client } = await publishCamera();
      expect((await client.do('push', [{ name: 'camera', source: 'microphone' }])).tracks).toEqual([
        expect.objectContaining({ mid: '', trackName: 'camera', errorCode: 'repeated_local_track_error' }),
      ]);
      const { tracks } = await client.do('pushOnto', '9', 'elsewhere');
      expect(tracks).toEqual([expect.objectContaining({ mid: '', errorCode: 'invalid_params' })]);
    });
  });

  describe("pulling by the SFU's offer", () => {
    test('pictures advance and sound has energy', async () => {
      const { sessionId } = await publish([
        { name: 'microphone', source: 'microphone' },
        { name: 'camera', source: 'camera' },
      ]);
      const client = await newClient();
      await client.session();
      const reply = await client.do('pull', [
        { sessionId, trackName: 'camera' },
        { sessionId, trackName: 'microphone' },
      ]);
      expect(reply).toEqual({
        status: 200,
        description: 'offer',
        requiresImmediateRenegotiation: true,
        tracks: [
          { mid: '0', trackName: 'camera', sessionId },
          { mid: '1', trackName: 'microphone', sessionId },
        ],
        answered: 200,
      });
      await client.do('play', '0');
      await client.do('play', '1');
      await client.do('moreFrames', '0', 30);
      expect(await client.do('received', '0')).toMatchObject({ packetsLost: 0, frameWidth: 640 });
    });

    test('a late joiner sees a picture within a second', async () => {
      const publisher = await publishCamera();
      const early = await subscriber(publisher);
      // Well past the key frame that the first subscriber asked for.
      await early.client.do('moreFrames', early.mid, 90);
      const late = await newClient();
      await late.session();
      const track = { sessionId: publisher.sessionId, trackName: 'camera' };
      const { milliseconds } = await late.do<{ milliseconds: number }>('timeToFrame', track);
      expect(milliseconds).toBeLessThan(1_000);
    });

    test('on one session both sides may add sections', async () => {
      const first = await publishCamera();
      const second = await newClient();
      const secondId = await second.session();
      const { tracks } = await second.do('pull', [{ sessionId: first.sessionId, trackName: 'camera' }]);
      await second.do('play', tracks[0]!.mid);
      expect((await second.do('push', [{ name: 'square', source: 'square' }])).tracks[0]!.mid).toBe('1');
      await second.do('flowing');
      const { mid, width } = await first.client.do<{ mid: string; width: number }>('timeToFrame', {
        sessionId: secondId,
        trackName: 'square',
      });
      expect(mid).toBe('1');
      expect(width).toBeGreaterThan(0);
      await second.do('moreFrames', tracks[0]!.mid, 10);
    });

    test('what fails leaves nothing behind: no mid, no section; the rest is offered', async () => {
      const { sessionId } = await publishCamera();
      const client = await newClient();
      await client.session();
      const unknown = { sessionId: UNKNOWN_SESSION, trackName: 'camera' };
      const failed = {
        mid: '',
        ...unknown,
        errorCode: 'not_found_track_error',
        errorDescription: expect.any(String),
      };
      expect(await client.do('pull', [unknown])).toEqual({
        status: 200,
        description: undefined,
        requiresImmediateRenegotiation: false,
        tracks: [failed],
      });
      const mixed = await client.do('pull', [unknown, { sessionId, trackName: 'camera' }]);
      expect(mixed).toMatchObject({ description: 'offer', requiresImmediateRenegotiation: true, answered: 200 });
      expect(mixed.tracks).toEqual([failed, { mid: '0', trackName: 'camera', sessionId }]);
    });

    test('a track of a connected publisher that has not sent yet is not found, at once', async () => {
      const { client: publisher, sessionId } = await publish([{ name: 'microphone', source: 'microphone' }]);
      await publisher.do('push', [{ name: 'camera', source: null }]);
      const client = await newClient();
      await client.session();
      const { tracks } = await client.do('pull', [{ sessionId, trackName: 'camera' }]);
      expect(tracks[0]).toMatchObject({ mid: '', errorCode: 'not_found_track_error' });
    });

    test('a publisher that is not connected is not found, at once', async () => {
      const publisher = await newClient();
      const sessionId = await publisher.session();
      const sessionDescription = await publisher.do('offerOf', ['camera']);
      const tracks = [{ location: 'local', mid: '0', trackName: 'camera' }];
      // The answer is never applied, so nothing flows.
      await publisher.do('onSession', 'POST', '/tracks/new', { sessionDescription, tracks });
      const client = await newClient();
      await client.session();
      const start = performance.now();
      const { tracks: pulled } = await client.do('pull', [{ sessionId, trackName: 'camera' }]);
      expect(pulled[0]).toMatchObject({ mid: '', errorCode: 'not_found_track_error' });
      expect(performance.now() - start).toBeLessThan(TIMINGS.emptyTrackMs);
    });

    test('a track that fell silent is empty after a wait, and found again once it sends', async () => {
      const publisher = await publishCamera();
      const { client, mid } = await subscriber(publisher);
      await publisher.client.do('replaceTrack', publisher.mids[0], null);
      await client.do('silent', mid, TIMINGS.trackQuietMs + 200);
      const track = { sessionId: publisher.sessionId, trackName: 'camera' };
      const start = performance.now();
      expect((await client.do('pull', [track])).tracks[0]).toMatchObject({ mid: '', errorCode: 'empty_track_error' });
      expect(performance.now() - start).toBeGreaterThanOrEqual(TIMINGS.emptyTrackMs);

      const pulled = client.do('pull', [track]);
      await publisher.client.do('replaceTrack', publisher.mids[0], 'camera');
      expect((await pulled).tracks[0]).toMatchObject({ mid: '1', trackName: 'camera' });
    });
  });

  describe("pulling by the client's offer", () => {
    test('tracks land on free receiving sections in one round trip, unused ones are inactive', async () => {
      const { sessionId } = await publish([
        { name: 'camera', source: 'camera' },
        { name: 'microphone', source: 'microphone' },
      ]);
      const client = await newClient();
      await client.session();
      const reply = await client.do(
        'pullByOffer',
        ['audio', 'audio', 'video', 'video'],
        [
          { sessionId, trackName: 'microphone' },
          { sessionId, trackName: 'camera' },
        ],
      );
      expect(reply).toEqual({
        status: 200,
        description: 'answer',
        requiresImmediateRenegotiation: false,
        tracks: [
          { mid: '0', trackName: 'microphone', sessionId },
          { mid: '2', trackName: 'camera', sessionId },
        ],
      });
      expect(await client.do('directions')).toEqual([
        ['0', 'recvonly'],
        ['1', 'inactive'],
        ['2', 'recvonly'],
        ['3', 'inactive'],
      ]);
      await client.do('play', '2');
      await client.do('play', '0');
    });

    test('an inactive section is used by the next offer; a track too many fails alone', async () => {
      const { sessionId } = await publish([
        { name: 'camera', source: 'camera' },
        { name: 'square', source: 'square' },
      ]);
      const client = await newClient();
      await client.session();
      await client.do('pullByOffer', ['video', 'video'], [{ sessionId, trackName: 'camera' }]);
      await client.do('connected');
      const list = [
        { sessionId, trackName: 'square' },
        { sessionId, trackName: 'camera' },
      ];
      const { tracks, description } = await client.do('pullByOffer', [], list);
      expect(description).toBe('answer');
      expect(tracks).toEqual([
        { mid: '1', trackName: 'square', sessionId },
        expect.objectContaining({ mid: '', errorCode: 'invalid_params' }),
      ]);
      await client.do('play', '1');
    });
  });

  describe('sections in both directions', () => {
    const returns = async (client: BrowserClient, mid: string): Promise<void> => {
      const first = await publishCamera();
      const reply = await client.do('pull', [{ sessionId: first.sessionId, trackName: 'camera', mid: '#mine' }]);
      expect(reply).toEqual({
        status: 200,
        description: undefined,
        requiresImmediateRenegotiation: false,
        tracks: [{ mid, trackName: 'camera', sessionId: first.sessionId }],
      });
      await client.do('play', mid);
    };

    test("by the client's offer: a track is pulled into it without another exchange", async () => {
      const client = await newClient();
      await client.session();
      await client.do('push', [{ name: 'mine', source: 'square' }], { bothWays: true });
      expect(await client.do('directions')).toEqual([['0', 'sendrecv']]);
      await client.do('connected');
      await returns(client, '0');
    });

    test("by the SFU's offer: what the answer sends is published", async () => {
      const client = await newClient();
      const sessionId = await client.session();
      const reply = await client.do('pushByAnswer', [{ name: 'mine', kind: 'video', source: 'square' }]);
      expect(reply).toMatchObject({
        status: 200,
        description: 'offer',
        requiresImmediateRenegotiation: true,
        tracks: [{ mid: '0', trackName: 'mine' }],
        answered: 200,
      });
      await client.do('connected');
      await client.do('flowing');
      const other = await newClient();
      await other.session();
      const { tracks } = await other.do('pull', [{ sessionId, trackName: 'mine' }]);
      await other.do('play', tracks[0]!.mid);
      await returns(client, '0');
    });

    test('in one direction a local track needs an offer', async () => {
      const client = await newClient();
      await client.session();
      const tracks = [{ location: 'local', trackName: 'mine', kind: 'video' }];
      expect(await client.do('onSession', 'POST', '/tracks/new', { tracks })).toMatchObject({
        status: 200,
        body: { requiresImmediateRenegotiation: false, tracks: [{ mid: '', errorCode: 'internal_error' }] },
      });
    });
  });

  describe('tracks/update', () => {
    test('points a receiving section at another publication without any SDP', async () => {
      const first = await publishCamera();
      const second = await publish([{ name: 'square', source: 'square' }]);
      const { client, mid } = await subscriber(first);
      const reply = await client.do('onSession', 'PUT', '/tracks/update', {
        tracks: [{ location: 'remote', sessionId: second.sessionId, trackName: 'square', mid }],
      });
      expect(reply).toEqual({
        status: 200,
        body: {
          requiresImmediateRenegotiation: false,
          tracks: [{ mid, sessionId: second.sessionId, trackName: 'square' }],
        },
      });
      await client.do('squareFrame', mid);
      expect(await client.do('received', mid)).toMatchObject({ packetsLost: 0 });
      const state = await client.do('onSession', 'GET', '');
      expect(state.body['tracks']).toMatchObject([{ mid, trackName: 'square', status: 'active' }]);
    });

    test('switches between the simulcast layers of one publication', async () => {
      const publisher = await publish([{ name: 'pattern', source: 'pattern', rids: ['a', 'b', 'c'] }]);
      const { sessionId } = publisher;
      const client = await newClient();
      await client.session();
      const layer = (preferredRid: string, ridNotAvailable = 'none'): object => ({
        location: 'remote',
        sessionId,
        trackName: 'pattern',
        mid: '0',
        simulcast: { preferredRid, ridNotAvailable },
      });
      await client.do('pull', [{ sessionId, trackName: 'pattern', simulcast: { preferredRid: 'c' } }]);
      await client.do('play', '0');
      expect(await client.do('frameOfWidth', '0', 320)).toBe(320);
      await publisher.client.do('sending', 'a');
      const gaps: number[] = [];
      for (const [rid, width] of [
        ['a', 1280],
        ['b', 640],
        ['a', 1280],
        ['c', 320],
        ['b', 640],
        ['c', 320],
      ] as const) {
        await client.do('watchGaps', '0');
        await client.do('onSession', 'PUT', '/tracks/update', { tracks: [layer(rid)] });
        expect(await client.do('frameOfWidth', '0', width)).toBe(width);
        gaps.push(await client.do('longestGap', '0'));
      }
      // A busy machine's own pictures stand still too: of the stand-in layer-switch.test.ts tells by the packets.
      if (isLive) expect(Math.max(...gaps), `gaps ${gaps.map(Math.round).join()} ms`).toBeLessThan(FREEZE_MS);
      // A layer that is not there: nothing by the default, the first of the others where that is asked for.
      await client.do('onSession', 'PUT', '/tracks/update', { tracks: [layer('z')] });
      await client.do('silent', '0', 500);
      await client.do('onSession', 'PUT', '/tracks/update', { tracks: [layer('z', 'asciibetical')] });
      expect(await client.do('frameOfWidth', '0', 1280)).toBe(1280);
      expect(await client.do('received', '0')).toMatchObject({ packetsLost: 0 });
    });

    test('the sender goes up to its top layer, and who asks for the best gets it', async () => {
      const publisher = await publish([{ name: 'pattern', source: 'pattern', rids: ['a', 'b', 'c'] }]);
      const { sessionId } = publisher;
      const { client } = await callers.newSession();
      const simulcast = { preferredRid: 'a', priorityOrdering: 'asciibetical', ridNotAvailable: 'asciibetical' };
      await client.do('pull', [{ sessionId, trackName: 'pattern', simulcast }]);
      await client.do('play', '0');
      await client.do('frameOfWidth', '0', 1280);
      // And keeps it, as its estimate goes beyond what all layers need. Counted in frames that would take a busy machine's time.
      await publisher.client.do('bitrateAbove', 2_500_000);
      await client.do('moreFrames', '0', 10);
      expect(await client.do('received', '0')).toMatchObject({ frameWidth: 1280 });
    });

    test('a wrong section, an unknown track and a layer of a plain track fail alone', async () => {
      const publisher = await publishCamera();
      const { sessionId } = publisher;
      const { client, mid } = await subscriber(publisher);
      const { body } = await client.do('onSession', 'PUT', '/tracks/update', {
        tracks: [
          { location: 'remote', sessionId, trackName: 'camera', mid: '7' },
          { location: 'remote', sessionId, trackName: 'nothing', mid },
          { location: 'remote', sessionId, trackName: 'camera', mid, simulcast: { preferredRid: 'a' } },
        ],
      });
      expect(body['tracks']).toMatchObject([
        { mid: '7', errorCode: 'update_track_error' },
        { mid, errorCode: 'not_found_track_error' },
        { mid, errorCode: 'update_track_error' },
      ]);
      await client.do('moreFrames', mid, 10);
    });
  });

  describe('tracks/close', () => {
    test('a subscriber closes with an offer; the section may be used anew', async () => {
      const publisher = await publish([
        { name: 'camera', source: 'camera' },
        { name: 'microphone', source: 'microphone' },
      ]);
      const { sessionId } = publisher;
      const client = await newClient();
      await client.session();
      await client.do('pull', [
        { sessionId, trackName: 'microphone' },
        { sessionId, trackName: 'camera' },
      ]);
      expect(await client.do('close', ['1'])).toEqual({
        status: 200,
        description: 'answer',
        requiresImmediateRenegotiation: false,
        tracks: [{ mid: '1' }],
      });
      const state = await client.do('onSession', 'GET', '');
      expect(state.body['tracks']).toMatchObject([{ mid: '0', status: 'active' }]);
      const { tracks } = await client.do('pullByOffer', ['video'], [{ sessionId, trackName: 'camera' }]);
      await client.do('play', tracks[0]!.mid);
    });

    test('a publisher closes with an offer and publishes again', async () => {
      const publisher = await publish([
        { name: 'microphone', source: 'microphone' },
        { name: 'camera', source: 'camera' },
      ]);
      const { client: sender, sessionId } = publisher;
      const { client, mid } = await subscriber(publisher);
      await sender.do('close', ['1']);
      await client.do('silent', mid, 300);
      const track = { sessionId, trackName: 'camera' };
      expect((await client.do('pull', [track])).tracks[0]!.errorCode).toBe('not_found_track_error');

      await sender.do('push', [{ name: 'camera', source: 'camera' }]);
      await sender.do('flowing');
      const again = await client.do<{ width: number }>('timeToFrame', track);
      expect(again.width).toBe(640);
    });

    test('by force: no SDP, the flow stops, listed as inactive, closed twice is an item error', async () => {
      const publisher = await publishCamera();
      const { client, mid } = await subscriber(publisher);
      const close = { force: true, tracks: [{ mid }] };
      expect(await client.do('onSession', 'PUT', '/tracks/close', close)).toEqual({
        status: 200,
        body: { requiresImmediateRenegotiation: false, tracks: [{ mid }] },
      });
      await client.do('silent', mid, 300);
      expect((await client.do('onSession', 'GET', '')).body['tracks']).toEqual([
        { location: 'remote', mid, trackName: 'camera', sessionId: publisher.sessionId, status: 'inactive' },
      ]);
      const again = await client.do('onSession', 'PUT', '/tracks/close', close);
      expect(again.body['tracks']).toMatchObject([{ mid, errorCode: 'close_track_error' }]);
    });

    test('what is published again on a section closed by force reaches nobody', async () => {
      const publisher = await publishCamera();
      const [mid] = publisher.mids;
      await publisher.client.do('onSession', 'PUT', '/tracks/close', { force: true, tracks: [{ mid }] });
      const reply = await publisher.client.do('pushOnto', mid, 'camera-2');
      expect(reply).toMatchObject({ status: 200, description: 'answer', tracks: [{ mid, trackName: 'camera-2' }] });
      const client = await newClient();
      await client.session();
      const { tracks } = await client.do('pull', [{ sessionId: publisher.sessionId, trackName: 'camera-2' }]);
      expect(tracks[0]).toMatchObject({ mid: '', errorCode: 'empty_track_error' });
    });
  });

  describeDataChannels(() => callers);

  describe('negotiation state', () => {
    test('any mutation is refused with 406 while an offer waits for its answer', async () => {
      const publisher = await publishCamera();
      const client = await newClient();
      await client.session();
      const track = { location: 'remote', sessionId: publisher.sessionId, trackName: 'camera' };
      const { body } = await client.do('onSession', 'POST', '/tracks/new', { tracks: [track] });
      const refused = { status: 406, body: { errorCode: 'invalid_session_description' } };
      expect(await client.do('onSession', 'POST', '/tracks/new', { tracks: [track] })).toMatchObject(refused);
      const update = { tracks: [{ ...track, mid: '0' }] };
      expect(await client.do('onSession', 'PUT', '/tracks/update', update)).toMatchObject(refused);
      const close = { force: true, tracks: [{ mid: '0' }] };
      expect(await client.do('onSession', 'PUT', '/tracks/close', close)).toMatchObject(refused);

      expect(await client.do('answerOffer', body['sessionDescription'])).toBe(200);
      expect(await client.do('repeatAnswer')).toBe(406);
      await client.do('play', '0');
    });

    test('a mutation that meets another one is refused with 406', async () => {
      const publisher = await publishCamera();
      const { client, mid } = await subscriber(publisher);
      await publisher.client.do('replaceTrack', publisher.mids[0], null);
      await client.do('silent', mid, TIMINGS.trackQuietMs + 200);
      const track = { location: 'remote', sessionId: publisher.sessionId, trackName: 'camera' };
      const replies = await client.do<Reply[]>('both', 'POST', '/tracks/new', { tracks: [track] });
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 406]);
    });

    test('an operation on a session that does not get connected is refused with 425 after a wait', async () => {
      const client = await newClient();
      const sessionDescription = await client.do('offerOf', ['camera']);
      const { body } = await client.do('call', 'POST', '/sessions/new', { sessionDescription });
      const start = performance.now();
      const path = `/sessions/${String(body['sessionId'])}/tracks/new`;
      const tracks = [{ location: 'remote', sessionId: UNKNOWN_SESSION, trackName: 'camera' }];
      expect(await client.do('call', 'POST', path, { tracks })).toMatchObject({
        status: 425,
        body: { errorCode: 'session_error' },
      });
      expect(performance.now() - start).toBeGreaterThanOrEqual(TIMINGS.connectWaitMs);
    });

    test('a client that has gone is 410 on everything, and its tracks are not found', async () => {
      const publisher = await publishCamera();
      const { client: sender, sessionId } = publisher;
      await sender.do('leave');
      expect((await untilStatus(sender, 410)).body).toMatchObject({ errorCode: 'session_error' });
      const tracks = [{ location: 'remote', sessionId, trackName: 'camera' }];
      const close = { force: true, tracks: [{ mid: '0' }] };
      expect((await sender.do('onSession', 'POST', '/tracks/new', { tracks })).status).toBe(410);
      expect((await sender.do('onSession', 'PUT', '/tracks/close', close)).status).toBe(410);

      const client = await newClient();
      await client.session();
      expect((await client.do('pull', tracks)).tracks[0]!.errorCode).toBe('not_found_track_error');
    });
  });

  describe('transport', () => {
    test('comes back when Chrome makes a new one because the first section was stopped', async () => {
      const publisher = await publish([
        { name: 'microphone', source: 'microphone' },
        { name: 'camera', source: 'camera' },
      ]);
      const { client, mid } = await subscriber(publisher);
      expect((await publisher.client.do('close', ['0'])).status).toBe(200);
      await publisher.client.do('connected');
      await client.do('moreFrames', mid, 30);
      expect((await publisher.client.do('onSession', 'GET', '')).status).toBe(200);
    });

    test('takes a data section, first or added later', async () => {
      const publisher = await newClient();
      const sessionId = await publisher.session();
      await publisher.do('push', [{ name: 'camera', source: 'camera' }]);
      await publisher.do('connected');
      await publisher.do('addDataChannel', 'later');
      const later = await publisher.do('push', [{ name: 'microphone', source: 'microphone' }]);
      expect(later).toMatchObject({ status: 200, description: 'answer', tracks: [{ trackName: 'microphone' }] });
      await publisher.do('flowing');
      await publisher.do('dataConnected');
      const client = await newClient();
      await client.session();
      expect((await client.do<{ width: number }>('timeToFrame', { sessionId, trackName: 'camera' })).width).toBe(640);
    });

    test('bandwidth estimation lets the sender go up', { timeout: 12_000 }, async () => {
      const { client } = await publishCamera();
      // From 300 kbit/s; without feedback Chrome grows by 8 % a second and does not get there in this time.
      await client.do('bitrateAbove', 1_000_000);
    });
  });
});

// Only the stand-in loses packets when it is told to.
if (!isLive)
  describe('loss', ASK, () => {
    let lossy: Target;
    let faults: FaultClient;
    let them: Callers;

    beforeAll(async () => {
      lossy = await startTarget({ hasFaults: true, timings: { riseAfterMs: 500 } });
      faults = lossy.faults!;
      them = callers.on(lossy);
    });

    afterEach(async ({ task }) => {
      await faults.clear();
      await settle(task, them);
    });

    afterAll(() => lossy?.close());

    test('of every 20th packet in both directions is repaired, and the picture goes on', async () => {
      await faults.set({ type: 'loss', share: 0.05, seed: 1 });
      const publisher = await them.publishCamera();
      const { client, mid } = await them.subscribe(publisher);
      await client.do('moreFrames', mid, 150);
      const repairs = await client.do<Record<string, number>>('repairs', mid);
      expect(repairs['nackCount']).toBeGreaterThan(0);
      expect(repairs['retransmittedPacketsReceived']).toBeGreaterThan(0);
      const sent = await publisher.client.do<Record<string, number>>('sentRepairs');
      expect(sent['nackCount']).toBeGreaterThan(0);
      expect(sent['retransmittedPacketsSent']).toBeGreaterThan(0);
    });

    test('to a subscriber that named an order leads one layer down, and calm up again; others keep theirs', async () => {
      const { sessionId } = await them.publish([{ name: 'pattern', source: 'pattern', rids: ['a', 'b', 'c'] }]);
      const watch = async (priorityOrdering: string): Promise<{ client: BrowserClient; id: string }> => {
        const { client, sessionId: id } = await them.newSession();
        const simulcast = { preferredRid: 'b', priorityOrdering };
        await client.do('pull', [{ sessionId, trackName: 'pattern', simulcast }]);
        await client.do('play', '0');
        await client.do('frameOfWidth', '0', 640);
        return { client, id };
      };
      const [steady, yielding] = [await watch('none'), await watch('asciibetical')];
      for (const { id } of [steady, yielding])
        await faults.set({ type: 'loss', share: 0.3, seed: 1, sessionId: id, direction: 'down' });
      await yielding.client.do('frameOfWidth', '0', 320);
      expect(await steady.client.do('received', '0')).toMatchObject({ frameWidth: 640 });
      await faults.clear();
      await yielding.client.do('frameOfWidth', '0', 640);
    });
  });

describe('the lifecycle', ASK, () => {
  let brief: Target;
  let them: Callers;

  beforeAll(async () => {
    brief = await startTarget({ timings: { silentTrackMs: 2_000, unusedSessionMs: 2_000, answerDeadlineMs: 500 } });
    them = callers.on(brief);
  });

  afterEach(({ task }) => settle(task, them));

  afterAll(() => brief?.close());

  test('a silent track is collected for everyone', async () => {
    const publisher = await them.publishCamera();
    const { client, mid } = await them.subscribe(publisher);
    await publisher.client.do('replaceTrack', publisher.mids[0], null);
    await client.do('silent', mid, brief.timings.silentTrackMs + 200);
    expect((await publisher.client.do('onSession', 'GET', '')).body['tracks']).toEqual([]);
    expect((await client.do('onSession', 'GET', '')).body['tracks']).toMatchObject([{ mid, status: 'inactive' }]);
    const { tracks } = await client.do('pull', [{ sessionId: publisher.sessionId, trackName: 'camera' }]);
    expect(tracks[0]!.errorCode).toBe('not_found_track_error');
  });

  // Of a real one these are open questions.
  if (!isLive) {
    test('a session that is never used is gone', async () => {
      const { client } = await them.newSession();
      await untilStatus(client, 200);
      await untilStatus(client, 410);
    });

    test('an offer without an answer ends the session', async () => {
      const publisher = await them.publishCamera();
      const { client } = await them.subscribe(publisher);
      await client.do('pull', [{ sessionId: publisher.sessionId, trackName: 'camera' }], { answer: false });
      await untilStatus(client, 410);
    });
  }
});

if (isLive)
  describeOpenQuestions(
    () => target,
    () => callers,
  );
