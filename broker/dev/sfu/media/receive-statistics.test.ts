import { describe, expect, test } from 'vitest';
import { rtp } from '../testing/rtp-builder.ts';
import { ReceiveStatistics } from './receive-statistics.ts';

const CLOCK = 90_000;

describe('ReceiveStatistics', () => {
  test('names what is missing, once, and knows a repaired packet again', () => {
    const statistics = new ReceiveStatistics(CLOCK);
    const receive = (sequence: number, repaired = false): unknown => statistics.receive(rtp({ sequence }), 0, repaired);
    expect(receive(65_534)).toEqual({ duplicate: false, first: true, newlyMissing: [] });
    expect(receive(1)).toEqual({ duplicate: false, first: false, newlyMissing: [65_535, 0] });
    expect(receive(0, true)).toEqual({ duplicate: false, first: false, newlyMissing: [] });
    expect(receive(0, true)).toEqual({ duplicate: true });
    expect(receive(1)).toEqual({ duplicate: true });
  });

  test('a packet from before the first is no duplicate', () => {
    const statistics = new ReceiveStatistics(CLOCK);
    statistics.receive(rtp({ sequence: 0 }), 0, false);
    expect(statistics.receive(rtp({ sequence: 65_535 }), 0, false)).toMatchObject({ duplicate: false });
  });

  test('reports losses since the last report and in all, over a wrap-around', () => {
    const statistics = new ReceiveStatistics(CLOCK);
    expect(statistics.takeReport()).toBeUndefined();
    for (const sequence of [65_533, 65_534, 0, 1]) statistics.receive(rtp({ sequence }), 0, false);
    expect(statistics.takeReport()).toMatchObject({
      fractionLost: Math.floor(256 / 5),
      packetsLost: 1,
      highestSequence: 65_536 + 1,
    });
    statistics.receive(rtp({ sequence: 2 }), 0, false);
    expect(statistics.takeReport()).toMatchObject({ fractionLost: 0, packetsLost: 1 });
  });

  test('jitter follows RFC 3550: none for an even stream, a sixteenth of a late packet', () => {
    const statistics = new ReceiveStatistics(CLOCK);
    statistics.receive(rtp({ sequence: 1, timestamp: 0 }), 0, false);
    statistics.receive(rtp({ sequence: 2, timestamp: 3_000 }), 1_000 / 30, false);
    expect(statistics.takeReport()!.jitter).toBeCloseTo(0, 6);
    // 16 ms late: 1440 ticks.
    statistics.receive(rtp({ sequence: 3, timestamp: 6_000 }), 2_000 / 30 + 16, false);
    expect(statistics.takeReport()!.jitter).toBeCloseTo(90, 6);
  });

  test('bitrate of the last window', () => {
    const statistics = new ReceiveStatistics(CLOCK);
    for (let sequence = 0; sequence < 10; sequence++)
      statistics.receive(rtp({ sequence, payload: Buffer.alloc(988) }), 0, false);
    statistics.tick(1_000);
    expect(statistics.bitsPerSecond).toBe(80_000);
  });
});
