import { describe, expect, test } from 'vitest';
import { rtp, vp8Payload } from '../testing/rtp-builder.ts';
import { StreamRewriter } from './stream-rewriter.ts';

const VP8 = { name: 'vp8', clockRate: 90_000 };

describe('StreamRewriter', () => {
  test('leaves the first source as it is', () => {
    const rewriter = new StreamRewriter(VP8);
    const packet = rtp({ sequence: 500, timestamp: 9_000 });
    rewriter.splice(packet, 0);
    expect(rewriter.rewrite(packet, 0)).toMatchObject({ sequence: 500, timestamp: 9_000, pictureIdShift: 0 });
  });

  test('joins another source: next sequence number, time that went by, next picture', () => {
    const rewriter = new StreamRewriter(VP8);
    const last = rtp({ sequence: 65_535, timestamp: 1_000, payload: vp8Payload({ pictureId: 0x7fff, tl0: 255 }) });
    rewriter.splice(last, 0);
    rewriter.rewrite(last, 0);

    const first = rtp({ sequence: 40, timestamp: 77, payload: vp8Payload({ keyFrame: true, pictureId: 9, tl0: 3 }) });
    rewriter.splice(first, 100);
    expect(rewriter.rewrite(first, 100)).toMatchObject({
      sequence: 0,
      timestamp: 1_000 + 9_000,
      pictureIdShift: 0x8000 - 9,
      tl0Shift: 256 - 3,
    });
    const second = rtp({ sequence: 41, timestamp: 77 + 3_000 });
    expect(rewriter.rewrite(second, 133)).toMatchObject({ sequence: 1, timestamp: 13_000 });
  });

  test('takes the timestamp that both clocks agree on, or the next where that is not ahead', () => {
    const splice = (aligned: number): number => {
      const rewriter = new StreamRewriter(VP8);
      const last = rtp({ sequence: 1, timestamp: 1_000 });
      rewriter.splice(last, 0);
      rewriter.rewrite(last, 0);
      const first = rtp({ sequence: 1, timestamp: 50 });
      rewriter.splice(first, 100, aligned);
      return rewriter.rewrite(first, 100)!.timestamp;
    };
    expect(splice(4_321)).toBe(4_321);
    expect(splice(900)).toBe(1_001);
    // Absurdly far away: the time that went by.
    for (const seconds of [60, -60]) expect(splice(1_000 + 90_000 * seconds)).toBe(10_000);
  });

  test('drops what was sent before the splice, keeps what only comes late', () => {
    const rewriter = new StreamRewriter(VP8);
    rewriter.splice(rtp({ sequence: 100 }), 0);
    rewriter.rewrite(rtp({ sequence: 100 }), 0);
    rewriter.rewrite(rtp({ sequence: 103 }), 0);
    expect(rewriter.rewrite(rtp({ sequence: 99 }), 0)).toBeUndefined();
    expect(rewriter.rewrite(rtp({ sequence: 101 }), 0)).toMatchObject({ sequence: 101 });
  });

  test('a late packet does not move the point at which the next source joins', () => {
    const rewriter = new StreamRewriter(VP8);
    rewriter.splice(rtp({ sequence: 1 }), 0);
    for (const sequence of [1, 5, 3]) rewriter.rewrite(rtp({ sequence }), 0);
    rewriter.splice(rtp({ sequence: 1_000 }), 0);
    expect(rewriter.rewrite(rtp({ sequence: 1_000 }), 0)).toMatchObject({ sequence: 6 });
  });
});
