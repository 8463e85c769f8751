import { describe, expect, it } from 'vitest';
import { ParseError } from './parse.ts';
import {
  parseCloseTracksRequest,
  parseNewSessionResponse,
  parseNewTracksRequest,
  parseRenegotiateRequest,
  parseTracksResponse,
  parseUpdateTracksRequest,
} from './sfu-api.ts';

const HANDLE = 'f'.repeat(32);
const OFFER = { type: 'offer', sdp: 'v=0\r\n' };
const LOCAL = { location: 'local', mid: '0', trackName: 'microphone-1' };
const REMOTE = {
  location: 'remote',
  sessionId: HANDLE,
  trackName: 'camera-1',
  mid: '3',
  simulcast: { preferredRid: 'b', priorityOrdering: 'asciibetical', ridNotAvailable: 'none' },
};

describe('requests', () => {
  it('SF1 take the SFU’s own bodies', () => {
    expect(parseNewTracksRequest({ sessionDescription: OFFER, tracks: [LOCAL] })).toEqual({
      sessionDescription: OFFER,
      tracks: [LOCAL],
    });
    expect(parseNewTracksRequest({ tracks: [REMOTE] })).toEqual({ tracks: [REMOTE] });
    expect(parseUpdateTracksRequest({ tracks: [REMOTE] })).toEqual({ tracks: [REMOTE] });
    expect(parseRenegotiateRequest({ sessionDescription: { type: 'answer', sdp: 'x' } })).toEqual({
      sessionDescription: { type: 'answer', sdp: 'x' },
    });
    const close = { force: false, tracks: [{ mid: '0' }, { mid: '0' }], sessionDescription: OFFER };
    expect(parseCloseTracksRequest(close)).toEqual(close);
  });

  it('SF1 an empty preferred layer means that the SFU chooses', () => {
    const { tracks } = parseUpdateTracksRequest({ tracks: [{ ...REMOTE, simulcast: { preferredRid: '' } }] });
    expect(tracks[0]?.simulcast).toEqual({ preferredRid: '' });
  });

  it.each([
    { bidirectionalMediaStream: true },
    { appId: 'other' },
    { simulcast: { preferredRid: 'a', rid: 'b' } },
    JSON.parse('{"__proto__":{"location":"local"}}'),
  ])('SF8 A4 A5 a track with %j is refused by its name', (more: object) => {
    const name = Object.keys(more)[0] ?? '';
    for (const parse of [parseNewTracksRequest, parseUpdateTracksRequest])
      expect(() => parse({ tracks: [{ ...REMOTE, ...Object.fromEntries(Object.entries(more)) }] })).toThrow(name);
  });

  it.each([{ autoDiscover: true }, { autoDiscover: null }, { thirdparty: false }])('SF8 A4 A5 so is %j', (more) => {
    expect(() => parseNewTracksRequest({ tracks: [LOCAL], ...more })).toThrow(Object.keys(more)[0]);
  });

  it('SF8 what asks for nothing is left out', () => {
    const tracks = [{ ...LOCAL, bidirectionalMediaStream: false, kind: 'audio' }];
    expect(parseNewTracksRequest({ autoDiscover: false, tracks })).toEqual({ tracks: [LOCAL] });
  });

  it.each(['', '..', '../x', HANDLE.slice(1), `${HANDLE}0`, HANDLE.toUpperCase(), `${HANDLE}\n`, '%2e%2e', 5, null])(
    'SF2 A6 %j is no handle',
    (sessionId) => {
      expect(() => parseNewTracksRequest({ tracks: [{ ...REMOTE, sessionId }] })).toThrow(ParseError);
      expect(() => parseUpdateTracksRequest({ tracks: [{ ...REMOTE, sessionId }] })).toThrow(ParseError);
    },
  );

  it.each(['', 'a/b', 'a b', 'a\n', '"', 'x'.repeat(129), 5, undefined])('SF1 %j is no track name', (trackName) => {
    expect(() => parseNewTracksRequest({ tracks: [{ ...LOCAL, trackName }] })).toThrow(ParseError);
  });

  it('SF1 refuse what the SFU would: a missing mid, a missing force, more than 64 tracks', () => {
    expect(() => parseNewTracksRequest({ tracks: [{ ...LOCAL, mid: undefined }] })).toThrow('tracks[0].mid');
    expect(() => parseCloseTracksRequest({ tracks: [] })).toThrow('force');
    expect(() => parseNewTracksRequest({ tracks: Array.from({ length: 65 }, () => LOCAL) })).toThrow('at most 64');
    expect(() => parseUpdateTracksRequest({ tracks: [LOCAL] })).toThrow('remote');
  });
});

describe('answers', () => {
  it('ER2 keep the errors of single items', () => {
    const tracks = [
      { mid: '0', trackName: 'a', sessionId: HANDLE },
      { mid: '', trackName: 'b', errorCode: 'not_found_track_error', errorDescription: 'no' },
    ];
    expect(parseTracksResponse({ requiresImmediateRenegotiation: true, tracks, sessionDescription: OFFER })).toEqual({
      requiresImmediateRenegotiation: true,
      tracks,
      sessionDescription: OFFER,
    });
  });

  it('ER2 fill in what the SFU leaves out', () => {
    expect(parseTracksResponse({ tracks: [{ errorCode: 'x' }] })).toEqual({
      requiresImmediateRenegotiation: false,
      tracks: [{ mid: '', errorCode: 'x' }],
    });
    expect(parseTracksResponse({})).toEqual({ requiresImmediateRenegotiation: false, tracks: [] });
  });

  it('SF2 a session id is a handle', () => {
    expect(parseNewSessionResponse({ sessionId: HANDLE })).toEqual({ sessionId: HANDLE });
    expect(() => parseNewSessionResponse({ sessionId: 'x' })).toThrow(ParseError);
    expect(() => parseTracksResponse({ tracks: [{ mid: '0', sessionId: 'x' }] })).toThrow(ParseError);
  });
});
