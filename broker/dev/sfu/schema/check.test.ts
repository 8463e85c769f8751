import { describe, expect, test } from 'vitest';
import { checkAnswer, checkRequest, type Call } from './check.ts';
import { Violations } from './violations.ts';

/** What must pass, and what must not; nothing in between. */

const ID = '0123456789abcdef'.repeat(2);
const OFFER = { type: 'offer', sdp: 'v=0\r\n' };
const ANSWER = { type: 'answer', sdp: 'v=0\r\n' };
const FAILED = { errorCode: 'internal_error', errorDescription: 'Backend error' };
const session = (method: string, operation: string): Call => ({ method, path: `/apps/a/sessions/${ID}${operation}` });
const NEW: Call = { method: 'POST', path: '/apps/a/sessions/new' };
const TRACKS_NEW = session('POST', '/tracks/new');
const CHANNELS_NEW = session('POST', '/datachannels/new');
const ESTABLISH = session('POST', '/datachannels/establish');
const TURN: Call = { method: 'POST', path: '/turn/keys/k/credentials/generate-ice-servers' };

const local = { location: 'local', mid: '0', trackName: 'camera' };
const remote = { location: 'remote', sessionId: ID, trackName: 'camera' };
const channel = { location: 'remote', sessionId: ID, dataChannelName: 'chat' };

describe('a request', () => {
  test.each<[Call, unknown]>([
    [NEW, undefined],
    [{ ...NEW, path: `${NEW.path}?thirdparty=true&correlationId=x` }, { sessionDescription: OFFER }],
    [session('GET', ''), undefined],
    [TRACKS_NEW, { sessionDescription: OFFER, tracks: [local] }],
    [TRACKS_NEW, { sessionDescription: OFFER, autoDiscover: true }],
    [TRACKS_NEW, { tracks: [{ ...remote, mid: '#camera', simulcast: { preferredRid: '' } }] }],
    [TRACKS_NEW, { tracks: [{ location: 'local', trackName: 'x', kind: 'audio', bidirectionalMediaStream: true }] }],
    [session('PUT', '/renegotiate'), { sessionDescription: ANSWER }],
    [session('PUT', '/tracks/update'), { tracks: [{ ...remote, mid: '3', simulcast: { ridNotAvailable: 'none' } }] }],
    [session('PUT', '/tracks/close'), { force: true, tracks: [{ mid: '0' }] }],
    [session('PUT', '/tracks/close'), { force: false, tracks: [{ mid: '0' }], sessionDescription: OFFER }],
    [ESTABLISH, { dataChannel: { location: 'remote', dataChannelName: 'server-events' } }],
    [CHANNELS_NEW, { dataChannels: [{ location: 'local', dataChannelName: 'x', ordered: false, maxRetransmits: 0 }] }],
    [CHANNELS_NEW, { dataChannels: [{ ...channel, waitForAck: true, canReply: true }] }],
    [session('PUT', '/datachannels/update'), { dataChannels: [{ ...channel, canReply: false }] }],
    [session('PUT', '/datachannels/close'), { dataChannels: [{ id: 2 }] }],
    [
      { method: 'POST', path: '/apps/a/adapters/websocket/new' },
      { tracks: [{ ...remote, endpoint: 'wss://example.com', outputCodec: 'pcm' }] },
    ],
    [{ method: 'POST', path: '/apps/a/adapters/websocket/close' }, { tracks: [{ adapterId: ID }] }],
    [TURN, { ttl: 3600, customIdentifier: 'room' }],
    [{ method: 'POST', path: '/turn/keys/k/credentials/u/revoke' }, undefined],
  ])('%j %j is one of the API', (call, body) => {
    expect(checkRequest(call, body)).toBeUndefined();
  });

  test.each<[string, Call, unknown, string]>([
    ['an empty object is not no body', NEW, {}, 'sessionDescription: is missing'],
    ['a trimmed description', NEW, { sessionDescription: { type: 'offer', sdp: 'v=0' } }, 'sessionDescription.sdp'],
    ['an unknown parameter', { ...NEW, path: `${NEW.path}?correlation=x` }, undefined, '?correlation'],
    ['a body where none belongs', session('GET', ''), {}, 'body: must be absent'],
    [
      'a misspelt name',
      TRACKS_NEW,
      { tracks: [{ ...remote, trackname: 'x' }] },
      'tracks[0].trackname: is not a field of the API',
    ],
    [
      'a local track without its section',
      TRACKS_NEW,
      { sessionDescription: OFFER, tracks: [{ ...local, mid: null }] },
      'tracks[0].mid',
    ],
    ['both directions', TRACKS_NEW, { sessionDescription: OFFER, tracks: [local, remote] }, 'body: tracks of both'],
    ['too many tracks', TRACKS_NEW, { tracks: Array.from({ length: 65 }, () => remote) }, 'tracks: must have'],
    [
      'an offer where an answer belongs',
      session('PUT', '/renegotiate'),
      { sessionDescription: OFFER },
      'sessionDescription.type',
    ],
    ['no force', session('PUT', '/tracks/close'), { tracks: [{ mid: '0' }] }, 'force: is missing'],
    [
      'a negotiated close without an offer',
      session('PUT', '/tracks/close'),
      { force: false, tracks: [{ mid: '0' }] },
      'sessionDescription: is missing',
    ],
    [
      'two limits of retries',
      CHANNELS_NEW,
      { dataChannels: [{ ...channel, maxRetransmits: 0, maxPacketLifeTime: 9 }] },
      'dataChannels[0]: maxRetransmits',
    ],
    [
      'another channel of the transport',
      ESTABLISH,
      { dataChannel: { location: 'remote', dataChannelName: 'x' } },
      'dataChannel.dataChannelName',
    ],
    ['credentials that live too long', TURN, { ttl: 172_801 }, 'ttl'],
    ['an operation that does not exist', session('PUT', '/tracks/change'), {}, 'no such operation'],
  ])('%s', (_, call, body, problem) => {
    expect(checkRequest(call, body)?.problems).toEqual([expect.stringContaining(problem)]);
  });
});

describe('an answer', () => {
  const good = { mid: '0', trackName: 'camera', sessionId: ID };
  const failed = { ...good, mid: '', ...FAILED };

  test.each<[Call, number, unknown]>([
    [NEW, 201, { sessionId: ID }],
    [NEW, 401, FAILED],
    [TRACKS_NEW, 200, { requiresImmediateRenegotiation: true, tracks: [good, failed], sessionDescription: OFFER }],
    [TRACKS_NEW, 200, { requiresImmediateRenegotiation: false, tracks: [failed] }],
    [TRACKS_NEW, 425, FAILED],
    [session('GET', ''), 200, { tracks: [{ ...remote, mid: '0', status: 'active' }], dataChannels: [] }],
    [session('PUT', '/tracks/close'), 200, { requiresImmediateRenegotiation: false, tracks: [{ mid: '0' }] }],
    [
      CHANNELS_NEW,
      200,
      {
        dataChannels: [
          { ...channel, id: 1 },
          { ...channel, ...FAILED },
        ],
      },
    ],
    [{ method: 'POST', path: '/apps/a/adapters/websocket/new' }, 503, { tracks: [{ trackName: 'x', ...FAILED }] }],
    [{ method: 'POST', path: '/turn/keys/k/credentials/u/revoke' }, 204, undefined],
  ])('%j %i %j is one of the API', (call, status, body) => {
    expect(checkAnswer(call, status, body)).toBeUndefined();
  });

  test.each<[string, Call, number, unknown, string]>([
    ['another status of success', NEW, 200, { sessionId: ID }, 'status 200'],
    ['a refusal without a code', NEW, 400, {}, 'errorCode: is missing'],
    [
      'a failed item with a section',
      TRACKS_NEW,
      200,
      { requiresImmediateRenegotiation: false, tracks: [{ ...failed, mid: '1' }] },
      'tracks[0].mid',
    ],
    [
      'an offer nobody is told of',
      TRACKS_NEW,
      200,
      { requiresImmediateRenegotiation: false, tracks: [good], sessionDescription: OFFER },
      'body: an offer comes with',
    ],
    [
      'a foreign track without its owner',
      session('GET', ''),
      200,
      { tracks: [{ location: 'remote', mid: '0', trackName: 'x', status: 'active' }], dataChannels: [] },
      'tracks[0].sessionId',
    ],
    ['one TURN entry', TURN, 201, { iceServers: [{ urls: ['stun:a'] }] }, 'iceServers'],
  ])('%s', (_, call, status, body, problem) => {
    expect(checkAnswer(call, status, body)?.problems[0]).toContain(problem);
  });
});

describe('Violations', () => {
  test('notes what a caller does, and stops at an answer of its own that does not fit', () => {
    const told: string[] = [];
    const violations = new Violations(({ by }) => told.push(by));
    violations.checkRequest(NEW, undefined);
    expect(violations.checkAnswer(NEW, { status: 201, body: { sessionId: ID } })).toEqual({
      status: 201,
      body: { sessionId: ID },
    });
    expect(violations.list).toEqual([]);

    violations.checkRequest(NEW, {});
    expect(() => violations.checkAnswer(NEW, { status: 201, body: {} })).toThrow('sessionId: is missing');
    expect(told).toEqual(['caller', 'SFU']);
    expect(violations.list).toEqual([
      { by: 'caller', operation: 'POST /apps/{app}/sessions/new', problems: ['sessionDescription: is missing'] },
      { by: 'SFU', operation: 'POST /apps/{app}/sessions/new', problems: ['sessionId: is missing'] },
    ]);
  });

  test('keeps the first hundred', () => {
    const violations = new Violations();
    for (let count = 0; count < 150; count++) violations.checkRequest(NEW, {});
    expect(violations.list).toHaveLength(100);
  });
});
