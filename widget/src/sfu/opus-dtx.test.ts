import { describe, expect, it } from 'vitest';
import { withOpusDtx } from './opus-dtx.ts';

const lines = (...all: string[]) => all.map((line) => `${line}\r\n`).join('');
const HEAD = lines('v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 'a=group:BUNDLE 0 1 2');
const audio = (mid: string, ...more: string[]) =>
  lines('m=audio 9 UDP/TLS/RTP/SAVPF 111', `a=mid:${mid}`, 'a=recvonly', 'a=rtpmap:111 opus/48000/2', ...more);
const VIDEO = lines('m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:1', 'a=rtpmap:96 VP8/90000', 'a=fmtp:96 x=1');
const FORMAT = 'a=fmtp:111 minptime=10;useinbandfec=1';

describe('withOpusDtx', () => {
  it('asks for it beside what the answer asks for already', () => {
    expect(withOpusDtx(HEAD + audio('0', FORMAT) + VIDEO, '0')).toBe(
      HEAD + audio('0', 'a=fmtp:111 usedtx=1;minptime=10;useinbandfec=1') + VIDEO,
    );
  });

  it('asks for it where the answer asks for nothing', () => {
    expect(withOpusDtx(HEAD + VIDEO + audio('0'), '0')).toBe(HEAD + VIDEO + audio('0', 'a=fmtp:111 usedtx=1'));
    expect(withOpusDtx(HEAD + audio('0') + VIDEO, '0')).toBe(HEAD + audio('0', 'a=fmtp:111 usedtx=1') + VIDEO);
  });

  it('leaves a screen’s sound alone, whose quiet passages are music', () => {
    const both = (format: string) => HEAD + audio('0', format) + VIDEO + audio('2', FORMAT);
    expect(withOpusDtx(both(FORMAT), '0')).toBe(both('a=fmtp:111 usedtx=1;minptime=10;useinbandfec=1'));
  });

  it('leaves an answer alone that says what it wants, has no Opus, or not that section', () => {
    for (const answer of [
      HEAD + audio('0', `${FORMAT};usedtx=0`),
      HEAD + lines('m=audio 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0', 'a=rtpmap:0 PCMU/8000'),
      HEAD + audio('10', FORMAT),
      'v=0\r\ns={"sections":[]}\r\n',
    ])
      expect(withOpusDtx(answer, '0')).toBe(answer);
  });
});
