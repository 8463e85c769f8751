import { describe, expect, it } from 'vitest';
import { hasArrived, NOTHING_RECEIVED, type Inbound } from './inbound.ts';

const counts = (changes: Partial<Inbound>): Inbound => ({ ...NOTHING_RECEIVED, ...changes });

describe('hasArrived', () => {
  it('takes a packet of sound', () => {
    expect(hasArrived('audio', counts({ packets: 5 }), counts({ packets: 5 }), 9_000)).toBe(false);
    expect(hasArrived('audio', counts({ packets: 5 }), counts({ packets: 6 }), 0)).toBe(true);
  });

  it('takes no late frame of the previous picture for the new one', () => {
    const before = counts({ packets: 100, frames: 50, keyFrames: 1 });
    expect(hasArrived('video', before, counts({ packets: 110, frames: 53, keyFrames: 1 }), 60)).toBe(false);
    expect(hasArrived('video', before, counts({ packets: 110, frames: 54, keyFrames: 2 }), 60)).toBe(true);
  });

  it('counts from zero where a stream took the place of another', () => {
    const before = counts({ ssrcs: [1], packets: 20_000, frames: 18_000, keyFrames: 9 });
    const later = counts({ ssrcs: [2], packets: 3, frames: 1, keyFrames: 1 });
    expect(hasArrived('video', before, later, 60)).toBe(true);
    expect(hasArrived('audio', before, later, 60)).toBe(true);
    // A browser that keeps the counts of the previous stream adds the new one's to them.
    expect(hasArrived('video', before, { ...before, ssrcs: [1, 2] }, 60)).toBe(false);
  });

  it('takes frames a second later where the browser counts no key frames', () => {
    expect(hasArrived('video', NOTHING_RECEIVED, counts({ frames: 20 }), 999)).toBe(false);
    expect(hasArrived('video', NOTHING_RECEIVED, counts({ frames: 30 }), 1_001)).toBe(true);
    expect(hasArrived('video', counts({ frames: 30 }), counts({ frames: 30 }), 5_000)).toBe(false);
  });
});
