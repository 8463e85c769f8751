import { describe, expect, test } from 'vitest';
import { hex } from '../testing/hex.ts';
import { rtp, rtpBytes } from '../testing/rtp-builder.ts';
import { extensionNumber, extensionText, isRtcp, parseRtp, unwrapRetransmission } from './rtp-packet.ts';

describe('parseRtp', () => {
  test('reads a fixed packet: header, one-byte extensions, padding', () => {
    const bytes = Buffer.from(hex('b0e0abcd 00000102 deadbeef bede0002 40313112 34000000 0a0b0c 000003'), 'hex');
    const packet = parseRtp(bytes)!;
    expect(packet).toMatchObject({
      payloadType: 0x60,
      marker: true,
      sequence: 0xabcd,
      timestamp: 0x0102,
      ssrc: 0xdeadbeef,
      payloadStart: 24,
      payloadEnd: 27,
    });
    expect(extensionText(packet, 4)).toBe('1');
    expect(extensionNumber(packet, 3)).toBe(0x1234);
    expect(extensionText(packet, 5)).toBeUndefined();
    expect(extensionText(packet, undefined)).toBeUndefined();
  });

  test('reads the two-byte form of extensions', () => {
    const bytes = Buffer.from(hex('90600001 00000000 00000001 10000002 1402616200000000 ff'), 'hex');
    expect(extensionText(parseRtp(bytes)!, 0x14)).toBe('ab');
  });

  test.each([
    ['too short', 'b0e0abcd'],
    ['another version', hex('00600001 0000000000000001 ff')],
    ['an extension beyond its end', hex('90600001 0000000000000001 bede00ff 00')],
    ['more padding than packet', hex('a0600001 0000000000000001 ff')],
  ])('refuses %s', (_, hex) => {
    expect(parseRtp(Buffer.from(hex, 'hex'))).toBeUndefined();
  });

  test('an element that reaches beyond the block ends it', () => {
    const bytes = rtpBytes({ extensions: { 4: Buffer.from('0') } });
    bytes[16] = 0x4f;
    expect(extensionText(parseRtp(bytes)!, 4)).toBeUndefined();
  });

  test('tells RTCP from RTP by the second byte', () => {
    expect(isRtcp(Buffer.from('81c8000600000001', 'hex'))).toBe(true);
    expect(isRtcp(rtpBytes({ payloadType: 111, marker: true }))).toBe(false);
  });
});

describe('unwrapRetransmission', () => {
  test('restores the original numbers', () => {
    const repair = rtp({ payloadType: 97, sequence: 5, ssrc: 2, payload: Buffer.from('1234aabb', 'hex') });
    const original = unwrapRetransmission(repair, 1, 96)!;
    expect(original).toMatchObject({ ssrc: 1, payloadType: 96, sequence: 0x1234 });
    expect(original.buffer.subarray(original.payloadStart, original.payloadEnd).toString('hex')).toBe('aabb');
  });

  test('is nothing where there is only padding', () => {
    expect(unwrapRetransmission(rtp({ payload: Buffer.alloc(0) }), 1, 96)).toBeUndefined();
  });
});
