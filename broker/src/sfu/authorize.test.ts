import { describe, expect, it } from 'vitest';
import type { Grants, LocalTrackRequest } from '#protocol';
import { buildSdp, type TestSection } from '../testing/sdp.ts';
import { checkPublish, checkReceive, receivingSections, type PublishedTrack } from './authorize.ts';
import { readSections } from './sdp.ts';

const may = (...publish: Grants['publish']): Grants => ({ publish, subscribe: true, chat: true, moderate: false });
const section = (kind: TestSection['kind'], mid: string, direction: TestSection['direction'] = 'sendonly') => {
  return { kind, mid, direction };
};
const local = (mid: string, trackName = `track-${mid}`): LocalTrackRequest => ({ location: 'local', mid, trackName });
const open = (mid: string, kind: 'audio' | 'video'): PublishedTrack => ({
  mid,
  kind,
  trackName: `track-${mid}`,
  state: 'open',
});

function publish(
  sections: TestSection[],
  mids: string[],
  grants: Grants,
  before: PublishedTrack[] = [],
): string | PublishedTrack[] {
  const result = checkPublish(
    buildSdp(sections),
    mids.map((mid) => local(mid)),
    grants,
    before,
  );
  return result.ok ? result.published : result.errorCode;
}

describe('SF5 A3 what may be published', () => {
  const A = section('audio', '0');
  const V = section('video', '1');
  const V2 = section('video', '2');
  const table: [name: string, outcome: string, sections: TestSection[], mids: string[], grants: Grants][] = [
    ['microphone and camera', 'ok', [A, V], ['0', '1'], may('audio', 'video')],
    ['microphone alone, by audio', 'ok', [A], ['0'], may('audio')],
    ['screen with sound, by screen', 'ok', [A, V], ['0', '1'], may('screen')],
    ['camera and screen', 'ok', [V, V2], ['1', '2'], may('video', 'screen')],
    ['A3 anything without a grant', 'forbidden', [A], ['0'], may()],
    ['A4 a picture by audio', 'forbidden', [V], ['1'], may('audio')],
    ['A4 sound by video', 'forbidden', [A], ['0'], may('video')],
    ['A4 two pictures by video', 'forbidden', [V, V2], ['1', '2'], may('audio', 'video')],
    ['A4 a sending section beside the tracks', 'forbidden', [A, V], ['0'], may('audio', 'video')],
    [
      'A4 a section that sends and receives beside the tracks',
      'forbidden',
      [A, { ...V, direction: 'sendrecv' }],
      ['0'],
      may('audio', 'video'),
    ],
    ['a track whose section receives', 'decoding_error', [{ ...A, direction: 'recvonly' }], ['0'], may('audio')],
    ['a track without a section', 'decoding_error', [A], ['0', '9'], may('audio', 'video')],
    ['a track in a data section', 'decoding_error', [section('application', '0')], ['0'], may('audio')],
    ['one section for two tracks', 'decoding_error', [A], ['0', '0'], may('audio', 'screen')],
    ['no track', 'decoding_error', [A], [], may('audio')],
  ];
  it.each(table)('SF5 %s: %s', (_name, outcome, sections, mids, grants) => {
    const result = publish(sections, mids, grants);
    expect(typeof result === 'string' ? result : 'ok').toBe(outcome);
  });

  it('SF5 takes the kind from the section, not from the client', () => {
    expect(publish([A, V], ['0', '1'], may('audio', 'video'))).toEqual([open('0', 'audio'), open('1', 'video')]);
  });

  it('SF5 counts what the session has published before', () => {
    const before = [open('0', 'audio'), open('1', 'video')];
    expect(publish([A, V, V2], ['2'], may('audio', 'video'), before)).toBe('forbidden');
    expect(publish([A, V, V2], ['2'], may('audio', 'video', 'screen'), before)).toEqual([open('2', 'video')]);
  });

  it('SF5 a closed track counts no more, and its section may remain', () => {
    const before: PublishedTrack[] = [open('0', 'audio'), { ...open('1', 'video'), state: 'closed' }];
    expect(publish([A, V, V2], ['2'], may('audio', 'video'), before)).toEqual([open('2', 'video')]);
  });

  it('SF5 a name is used once in a session', () => {
    const result = checkPublish(buildSdp([A, V]), [local('1', 'track-0')], may('audio', 'video'), [open('0', 'audio')]);
    expect(result).toMatchObject({ ok: false, errorCode: 'decoding_error' });
  });

  it('A4 no offer of 64 sections gets through with more than is granted', () => {
    const sections = Array.from({ length: 64 }, (_, index) => section('audio', `${index}`));
    const mids = sections.map(({ mid }) => mid);
    expect(publish(sections, mids, may('audio', 'video', 'screen'))).toBe('forbidden');
  });
});

describe('SF6 what may be received with', () => {
  const receive = (sections: TestSection[], before: PublishedTrack[] = []) => {
    const result = checkReceive(buildSdp(sections), before);
    return result.ok ? 'ok' : result.errorCode;
  };

  it('SF6 sections that receive or do nothing', () => {
    expect(receive([section('audio', '0', 'recvonly'), section('video', '1', 'inactive')])).toBe('ok');
    expect(receive([section('application', '0', 'sendrecv')])).toBe('ok');
  });

  it('SF6 A4 nothing that sends, but what was published before', () => {
    expect(receive([section('audio', '0', 'sendrecv')])).toBe('forbidden');
    expect(receive([section('audio', '0', 'sendonly')], [open('0', 'audio')])).toBe('ok');
    expect(receive([section('audio', '1', 'sendonly')], [open('0', 'audio')])).toBe('forbidden');
  });

  it('SF9 counts the sections that are free', () => {
    const sections = [section('audio', '0', 'recvonly'), section('video', '1', 'recvonly'), section('audio', '2')];
    expect(receivingSections(buildSdp(sections))).toEqual({ audio: 1, video: 1 });
  });
});

describe('A4 descriptions that two readers could read differently', () => {
  const base = buildSdp([section('audio', '0', 'recvonly')]);
  const hidden: [name: string, sdp: string][] = [
    ['a lone carriage return before a section', base.replace('a=rtcp-mux', 'a=x\rm=video 9 UDP/TLS/RTP/SAVPF 96')],
    ['a line separator', `${base}a=x\u2028m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`],
    ['a NUL', base.replace('a=rtcp-mux', 'a=rtcp-mux\0')],
    ['the same mid twice', `${base}${base.slice(base.indexOf('m='))}`],
  ];
  it.each(hidden)('A4 %s is not read at all', (_name, sdp) => {
    expect(readSections(sdp)).toBeUndefined();
    expect(checkReceive(sdp, [])).toMatchObject({ ok: false, errorCode: 'decoding_error' });
    const sending = sdp.replaceAll('recvonly', 'sendonly');
    const published = checkPublish(sending, [local('0')], may('audio', 'video', 'screen'), []);
    expect(published).toMatchObject({ ok: false, errorCode: 'decoding_error' });
  });

  const sending: [name: string, sdp: string][] = [
    ['no direction at all', base.replace('a=recvonly\r\n', '')],
    ['two directions', base.replace('a=recvonly', 'a=recvonly\r\na=sendonly')],
    ['two directions, sending first', base.replace('a=recvonly', 'a=sendrecv\r\na=recvonly')],
    ['capital letters', base.replace('a=recvonly', 'a=SENDRECV')],
    ['spaces', base.replace('a=recvonly', ' a=sendrecv ')],
    ['line ends without carriage return', base.replaceAll('\r\n', '\n').replace('recvonly', 'sendonly')],
    ['a direction of the whole session', base.replace('a=recvonly\r\n', '').replace('t=0 0', 't=0 0\r\na=sendonly')],
    [
      'a direction of the whole session, under port 0',
      base.replace('a=recvonly\r\n', '').replace('m=audio 9', 'm=audio 0').replace('t=0 0', 't=0 0\r\na=sendonly'),
    ],
    ['port 0 and bundle-only', base.replace('m=audio 9', 'm=audio 0').replace('a=recvonly', 'a=bundle-only')],
    ['an unknown kind', base.replace('m=audio', 'm=text').replace('recvonly', 'sendonly')],
    ['two mids', base.replace('a=mid:0', 'a=mid:0\r\na=mid:1').replace('recvonly', 'sendonly')],
  ];
  it.each(sending)('A4 %s counts as sending', (_name, sdp) => {
    expect(checkReceive(sdp, [])).toMatchObject({ ok: false, errorCode: 'forbidden' });
  });

  it('A4 a section of an unknown kind is no track', () => {
    const sdp = base.replace('m=audio', 'm=text').replace('recvonly', 'sendonly');
    expect(checkPublish(sdp, [local('0')], may('audio', 'video'), [])).toMatchObject({ errorCode: 'decoding_error' });
  });

  it('SF5 one section is one track, under whatever names', () => {
    const sdp = base.replace('recvonly', 'sendonly');
    const tracks = [local('0', 'a'), local('0', 'b')];
    expect(checkPublish(sdp, tracks, may('audio', 'screen'), [])).toMatchObject({ errorCode: 'decoding_error' });
  });

  it('A4 a section with two mids is no published one', () => {
    const sdp = base.replace('a=mid:0', 'a=mid:0\r\na=mid:1').replace('recvonly', 'sendonly');
    expect(checkReceive(sdp, [open('0', 'audio'), open('1', 'audio')])).toMatchObject({ errorCode: 'forbidden' });
  });

  it('A4 an unknown kind does not send even under a published mid', () => {
    const sdp = base.replace('m=audio', 'm=text').replace('recvonly', 'sendonly');
    expect(checkReceive(sdp, [open('0', 'audio')])).toMatchObject({ errorCode: 'forbidden' });
  });

  it('A4 a stopped section does not send', () => {
    expect(checkReceive(base.replace('m=audio 9', 'm=audio 0').replace('a=recvonly\r\n', ''), [])).toEqual({
      ok: true,
    });
  });
});
