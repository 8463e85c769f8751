import { describe, expect, it } from 'vitest';
import {
  parseJoinRequest,
  parseJoinResponse,
  parseTicketResponse,
  type JoinRequest,
  type JoinResponse,
} from './join.ts';
import { SDP_MAX_BYTES } from './limits.ts';
import { ParseError } from './parse.ts';

const HANDLE = 'f'.repeat(32);
const OFFER = { type: 'offer', sdp: 'v=0\r\n' } as const;
const REQUEST: JoinRequest = {
  protocol: 1,
  name: 'Ann',
  resume: 'secret_-1',
  publish: { sessionDescription: OFFER, tracks: [{ location: 'local', mid: '0', trackName: 'camera-1' }] },
  receive: { sessionDescription: OFFER },
};
const RESPONSE: JoinResponse = {
  protocol: 1,
  self: { id: 'a', name: 'Ann', role: 'host', joinedAt: 5, presence: 'here', sessionId: '', tracks: [] },
  grants: { publish: ['audio'], subscribe: true, chat: false, moderate: false },
  roster: { epoch: 'e', rev: 1, locked: true, endsAt: 7, participants: [] },
  memberSecret: 'secret_-1',
  ticket: 'ticket_-1',
  iceServers: [{ urls: ['stun:stun.example.com:3478'] }],
  publish: {
    sessionId: HANDLE,
    requiresImmediateRenegotiation: false,
    tracks: [{ mid: '0', trackName: 'camera-1' }],
    sessionDescription: { type: 'answer', sdp: 'v=0\r\n' },
  },
  receive: { errorCode: 'sfu_timeout', errorDescription: 'late' },
};

describe('parseJoinRequest', () => {
  it('HS1 comes out as it went in, with media and without', () => {
    expect(parseJoinRequest(JSON.parse(JSON.stringify(REQUEST)))).toEqual(REQUEST);
    expect(parseJoinRequest({ protocol: 1 })).toEqual({ protocol: 1 });
    expect(parseJoinRequest({ protocol: 1, receive: {} })).toEqual({ protocol: 1, receive: {} });
  });

  it('SF8 A5 drops what reaches for other powers of the SFU', () => {
    const track = { location: 'local', mid: '0', trackName: 'a', bidirectionalMediaStream: false, kind: 'video' };
    const publish = { sessionDescription: { ...OFFER, extra: 1 }, tracks: [track], autoDiscover: true };
    expect(parseJoinRequest({ protocol: 1, publish }).publish).toEqual({
      sessionDescription: OFFER,
      tracks: [{ location: 'local', mid: '0', trackName: 'a' }],
    });
  });

  it.each([
    ['protocol', {}],
    ['protocol', { protocol: '1' }],
    ['name', { protocol: 1, name: 5 }],
    ['resume', { protocol: 1, resume: 'a b' }],
    ['resume', { protocol: 1, resume: 'x'.repeat(129) }],
    ['publish', { protocol: 1, publish: [] }],
    ['publish.sessionDescription', { protocol: 1, publish: { tracks: [] } }],
    ['publish.tracks', { protocol: 1, publish: { sessionDescription: OFFER } }],
    [
      'publish.tracks',
      { protocol: 1, publish: { sessionDescription: OFFER, tracks: Array.from({ length: 65 }, () => ({})) } },
    ],
    [
      'publish.tracks[0].location',
      {
        protocol: 1,
        publish: {
          sessionDescription: OFFER,
          tracks: [{ location: 'remote', sessionId: HANDLE, trackName: 'a', mid: '0' }],
        },
      },
    ],
    [
      'receive.sessionDescription.type',
      { protocol: 1, receive: { sessionDescription: { type: 'pranswer', sdp: '' } } },
    ],
    [
      'receive.sessionDescription.sdp',
      { protocol: 1, receive: { sessionDescription: { type: 'offer', sdp: 'x'.repeat(SDP_MAX_BYTES + 1) } } },
    ],
  ])('ER1 refuses and names %s', (path, body) => {
    expect(() => parseJoinRequest(body)).toThrow(expect.objectContaining({ code: 'decoding_error', path }));
  });
});

describe('parseJoinResponse', () => {
  it('HS1 comes out as it went in', () => {
    for (const response of [RESPONSE, { ...RESPONSE, waiting: true as const }])
      expect(parseJoinResponse(JSON.parse(JSON.stringify(response)))).toEqual(response);
  });

  it('HS1 an older broker knows no lock and no waiting room', () => {
    const { roster, ...others } = RESPONSE;
    const parsed = parseJoinResponse({ ...others, waiting: false, roster: { epoch: 'e', rev: 1, participants: [] } });
    expect(parsed.roster.locked).toBe(false);
    expect(parsed).not.toHaveProperty('waiting');
    expect(roster.locked).toBe(true);
  });

  it.each([
    { ...RESPONSE, memberSecret: undefined },
    { ...RESPONSE, ticket: 'a b' },
    { ...RESPONSE, grants: { publish: ['smell'] } },
    { ...RESPONSE, iceServers: [{ urls: ['https://example.com'] }] },
    { ...RESPONSE, publish: { ...RESPONSE.publish, sessionId: 'short' } },
    { ...RESPONSE, self: undefined },
  ])('HS1 refuses a broken one (%#)', (body) => {
    expect(() => parseJoinResponse(body)).toThrow(ParseError);
  });

  it('HS9 reads a ticket', () => {
    expect(parseTicketResponse({ ticket: 'abc' })).toEqual({ ticket: 'abc' });
    expect(() => parseTicketResponse({})).toThrow(ParseError);
  });
});
