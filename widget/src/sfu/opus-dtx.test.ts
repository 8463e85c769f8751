import { describe, expect, it } from 'vitest';
import { withOpusDtx } from './opus-dtx.ts';

const lines = (...all: string[]) => all.map((line) => `${line}\r\n`).join('');
const HEAD = lines('v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 'a=group:BUNDLE 0 1 2');
const audio = (mid: string, ...more: string[]) =>
  lines('m=audio 9 UDP/TLS/RTP/SAVPF 111 9', `a=mid:${mid}`, 'a=recvonly', 'a=rtpmap:111 opus/48000/2', ...more);
const VIDEO = lines('m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:1', 'a=rtpmap:96 VP8/90000', 'a=fmtp:96 x=1');
const FORMAT = 'a=fmtp:111 minptime=10;useinbandfec=1';
const WITH_DTX = 'a=fmtp:111 usedtx=1;minptime=10;useinbandfec=1';

describe('withOpusDtx', () => {
  it('asks for it beside what the answer asks for already', () => {
    const more = ['a=rtcp-fb:111 transport-cc', 'a=rtpmap:9 G722/8000', 'a=fmtp:9 x=1'];
    expect(withOpusDtx(HEAD + audio('0', ...more, FORMAT) + VIDEO)).toBe(HEAD + audio('0', ...more, WITH_DTX) + VIDEO);
  });

  it('leaves a screen’s sound alone, whose quiet passages are music', () => {
    expect(withOpusDtx(HEAD + audio('0', FORMAT) + VIDEO + audio('2', FORMAT))).toBe(
      HEAD + audio('0', WITH_DTX) + VIDEO + audio('2', FORMAT),
    );
  });

  it('leaves an answer alone that says what it wants, or has no Opus', () => {
    for (const answer of [
      HEAD + audio('0') + VIDEO,
      HEAD + audio('0', `${FORMAT};usedtx=0`),
      HEAD + lines('m=audio 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0', 'a=rtpmap:0 PCMU/8000', 'a=fmtp:0 x=1'),
      'v=0\r\ns={"sections":[]}\r\n',
    ])
      expect(withOpusDtx(answer)).toBe(answer);
  });
});
