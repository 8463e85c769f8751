import { describe, expect, it } from 'vitest';
import { growthOf, readStats } from './stats.ts';

type Entry = Record<string, unknown> & { id: string; type: string };
const report = (...entries: Entry[]) =>
  new Map(entries.map((entry) => [entry.id, { timestamp: 10_000, ...entry }])) as unknown as RTCStatsReport;

const transport = { id: 'T', type: 'transport', selectedCandidatePairId: 'P2' };
const pair = (changes: Record<string, unknown> = {}): Entry => ({
  id: 'P2',
  type: 'candidate-pair',
  lastPacketReceivedTimestamp: 9_700,
  responsesReceived: 7,
  requestsSent: 8,
  currentRoundTripTime: 0.08,
  bytesReceived: 5_000,
  ...changes,
});
/** What Firefox told of a pair for long: no transport beside it, and neither when a packet came nor how many answers. */
const firefoxPair = (timestamp: number, bytesReceived: number): Entry => ({
  id: 'F1',
  type: 'candidate-pair',
  nominated: true,
  timestamp,
  bytesReceived,
});

describe('a reading', () => {
  it('is of the pair in use, however many there are', () => {
    const other = pair({ id: 'P1', lastPacketReceivedTimestamp: 1, responsesReceived: 1, bytesReceived: 1 });
    expect(readStats(report(other, transport, pair()))).toMatchObject({
      at: 10_000,
      silence: 300,
      answers: 7,
      rtt: 80,
    });
    expect(readStats(report(other, transport, pair())).counts.get('pair bytesReceived')).toBe(5_000);
  });

  it('of a connection that is not there yet is of nothing', () => {
    expect(readStats(report())).toMatchObject({ at: 0, silence: 0, answers: 0, rtt: undefined });
    expect(readStats(report(transport))).toMatchObject({ silence: 0, rtt: undefined });
    // Before its first answer.
    expect(readStats(report(transport, pair({ currentRoundTripTime: undefined }))).rtt).toBeUndefined();
  });

  it('of Firefox takes the pair that was nominated, and bytes that stand still for silence', () => {
    const refused = { id: 'F0', type: 'candidate-pair', nominated: false, bytesReceived: 9 };
    const first = readStats(report(refused, firefoxPair(1_000, 500)));
    expect(first).toMatchObject({ at: 1_000, silence: 0, answers: 0, rtt: undefined });
    const second = readStats(report(refused, firefoxPair(3_000, 500)), first);
    expect(second.silence).toBe(2_000);
    const third = readStats(report(refused, firefoxPair(3_500, 500)), second);
    expect(third.silence).toBe(2_500);
    expect(readStats(report(refused, firefoxPair(5_500, 501)), third).silence).toBe(0);
  });

  it('of a browser that does not count its checks expects them seldom, as Firefox makes them', () => {
    expect(readStats(report(transport, pair())).checkMs).toBe(2_500);
    expect(readStats(report(transport, pair({ requestsSent: undefined }))).checkMs).toBe(6_000);
  });

  it('adds up what there is of a kind, field by field, and takes what is missing for nothing', () => {
    const { counts } = readStats(
      report(
        { id: 'a', type: 'inbound-rtp', mid: '1', packetsLost: 2, bytesReceived: 100, freezeCount: 1 },
        { id: 'b', type: 'inbound-rtp', mid: '2', packetsLost: 3, bytesReceived: 50 },
        { id: 'c', type: 'inbound-rtp', mid: '2', bytesReceived: 5, packetsLost: 'many' },
        { id: 'd', type: 'outbound-rtp', packetsLost: 100 },
      ),
    );
    expect(counts.get('inbound-rtp packetsLost')).toBe(5);
    expect(counts.get('inbound-rtp freezeCount')).toBe(1);
    expect([counts.get('mid 1'), counts.get('mid 2')]).toEqual([100, 55]);
    expect(counts.get('remote-inbound-rtp packetsLost')).toBeUndefined();
  });
});

describe('the growth of a counter', () => {
  const reading = (packetsLost?: number) => readStats(report({ id: 'a', type: 'inbound-rtp', packetsLost }));
  const growth = (before: number | undefined, now: number | undefined) =>
    growthOf('inbound-rtp packetsLost', reading(before), reading(now));

  it('is the difference of two readings', () => {
    expect(growth(3, 10)).toBe(7);
    expect(growth(undefined, 10)).toBe(10);
  });

  it('is nothing where it began anew, came back from a loss, went away, or is read for the first time', () => {
    expect(growth(100, 4)).toBe(0);
    expect(growth(3, 3)).toBe(0);
    expect(growth(3, undefined)).toBe(0);
    expect(growthOf('inbound-rtp packetsLost', undefined, reading(50))).toBe(0);
  });
});
