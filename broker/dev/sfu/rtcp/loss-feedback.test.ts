import { describe, expect, test } from 'vitest';
import { hex } from '../testing/hex.ts';
import { keyFrameRequestTarget, readNack, writeNack, writePictureLoss } from './loss-feedback.ts';
import { splitRtcp } from './rtcp-packet.ts';

describe('loss feedback', () => {
  test('a picture loss is twelve bytes', () => {
    expect(writePictureLoss(0x01020304, 0x0a0b0c0d).toString('hex')).toBe(hex('81ce0002 01020304 0a0b0c0d'));
  });

  test('a NACK puts what follows within 16 into the bit mask', () => {
    // 10, then 11 (bit 0) and 26 (bit 15); 27 begins anew.
    expect(writeNack(1, 2, [10, 11, 26, 27]).toString('hex')).toBe(hex('81cd0004 00000001 00000002 000a8001 001b0000'));
  });

  test.each([[[1]], [[65_535, 0, 1]], [[5, 21, 22, 400]], [[65_530, 65_534, 9]]])('reads back %j', (sequences) => {
    expect(readNack(writeNack(1, 2, sequences))).toEqual(sequences);
  });

  test('a PLI names its target in the header, a FIR in its entry', () => {
    expect(keyFrameRequestTarget(1, writePictureLoss(1, 7))).toBe(7);
    const fir = Buffer.from(hex('84ce0004 00000001 00000000 00000009 01000000'), 'hex');
    expect(keyFrameRequestTarget(4, fir)).toBe(9);
    expect(keyFrameRequestTarget(4, fir.subarray(0, 12))).toBeUndefined();
  });

  test('a compound packet is split, and a cut-off end left out', () => {
    const compound = Buffer.concat([writePictureLoss(1, 2), writeNack(1, 2, [3]), Buffer.from('81ce0002', 'hex')]);
    expect([...splitRtcp(compound)].map(({ type, format }) => [type, format])).toEqual([
      [206, 1],
      [205, 1],
    ]);
  });
});
