import { describe, expect, test } from 'vitest';
import { goldenSdp } from '../testing/golden-sdp.ts';
import type { MediaSection } from './parse-sdp.ts';
import { parseSdp, SdpError } from './parse-sdp.ts';

const media = (text: string, index: number): MediaSection => parseSdp(text).sections[index] as MediaSection;

describe('parseSdp', () => {
  test('reads sections, transport and streams of an offer that publishes', () => {
    const { sections, client } = parseSdp(goldenSdp('publish'));
    expect(sections.map(({ kind, mid, stopped }) => [kind, mid, stopped])).toEqual([
      ['audio', '0', false],
      ['video', '1', false],
      ['application', '2', false],
    ]);
    expect(client).toEqual({
      iceUfrag: 'nghw',
      icePwd: 'uIkVEP8F5WN/jiznEf0B7dt8',
      fingerprint: { algorithm: 'sha-256', value: expect.stringMatching(/^61:69:76:AF:.*:E1$/) },
    });
    const [audio, video] = sections as MediaSection[];
    expect(audio).toMatchObject({ direction: 'sendonly', ssrcs: [4192358052], rids: [] });
    expect(video).toMatchObject({ direction: 'sendonly', ssrcs: [921120154, 648917833] });
    expect(audio!.extensions).toContainEqual({ id: 4, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' });
  });

  test('folds retransmission payloads into the codecs they belong to', () => {
    const { codecs } = media(goldenSdp('publish'), 1);
    expect(codecs[0]).toEqual({
      payloadType: 96,
      name: 'vp8',
      clockRate: 90_000,
      channels: 1,
      parameters: '',
      feedback: ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'],
      retransmission: 97,
    });
    expect(codecs.map(({ name }) => name)).not.toContain('rtx');
    expect(media(goldenSdp('publish'), 0).codecs[0]).toMatchObject({
      name: 'opus',
      channels: 2,
      parameters: 'minptime=10;useinbandfec=1',
    });
  });

  test('reads the layers of simulcast, and no SSRC that might be any of them', () => {
    expect(media(goldenSdp('simulcast'), 0)).toMatchObject({ rids: ['a', 'b', 'c'], ssrcs: [] });
    const fromFirefox = goldenSdp('simulcast').replace(
      'a=simulcast',
      'a=ssrc:1 cname:x\r\na=ssrc:2 cname:x\r\na=simulcast',
    );
    expect(media(fromFirefox, 0)).toMatchObject({ rids: ['a', 'b', 'c'], ssrcs: [] });
  });

  test('a section of port 0 is stopped only outside the bundle', () => {
    expect(parseSdp(goldenSdp('stopped')).sections.map(({ stopped }) => stopped)).toEqual([true, false]);
    // Firefox adds m=application like this, and means it.
    const bundleOnly = goldenSdp('publish').replace('m=application 9', 'm=application 0');
    expect(parseSdp(bundleOnly).sections[2]).toMatchObject({ stopped: false });
  });

  test('takes the transport from the first section that is live', () => {
    const text = goldenSdp('stopped').replace('a=ice-ufrag:OFe7', 'a=ice-ufrag:dead');
    expect(parseSdp(text).client).toMatchObject({ iceUfrag: 'OFe7' });
  });

  test.each([
    ['no newline at the end', (text: string) => text.trimEnd(), /missing termination/],
    ['something else', () => 'hello\r\n', /v=0/],
    ['no mid', (text: string) => text.replace('a=mid:1\r\n', ''), /no mid/],
    ['a mid twice', (text: string) => text.replace('a=mid:1', 'a=mid:0'), /same mid/],
    ['unknown media', (text: string) => text.replace('m=video', 'm=text'), /unknown media/],
    ['a line break in the credentials', (text: string) => text.replaceAll('nghw', 'ng\thw'), /ICE credentials/],
    ['a bad fingerprint', (text: string) => text.replaceAll('sha-256 61', 'sha-256 xx'), /fingerprint/],
    ['a fingerprint that is too short', (text: string) => text.replaceAll('sha-256 61:', 'sha-256 '), /fingerprint/],
    ['an unknown hash', (text: string) => text.replaceAll('sha-256', 'md5'), /fingerprint/],
  ])('refuses %s', (_, damage, message) => {
    const parse = (): unknown => parseSdp(damage(goldenSdp('publish')));
    expect(parse).toThrow(SdpError);
    expect(parse).toThrow(message);
  });
});
