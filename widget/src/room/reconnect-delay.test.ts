import { describe, expect, it } from 'vitest';
import { GRACE_MS } from '#protocol';
import { reconnectDelay, type Outage } from './reconnect-delay.ts';

function longest(outage: Partial<Outage>): number {
  return reconnectDelay({ attempt: 0, lostForMs: 0, hidden: false, ...outage }, () => 1);
}

describe('the wait before the next attempt', () => {
  it('has jitter over all of it, from the first on', () => {
    for (const attempt of [0, 1, 5]) expect(reconnectDelay({ attempt, lostForMs: 0, hidden: false }, () => 0)).toBe(0);
    expect(longest({ attempt: 0 })).toBe(1_000);
  });

  it('doubles up to its cap', () => {
    expect([1, 2, 3, 4, 5, 50].map((attempt) => longest({ attempt }))).toEqual([
      1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
    ]);
  });

  it('never outlasts the seat, even while nobody looks', () => {
    expect(longest({ attempt: 50, hidden: true, lostForMs: GRACE_MS })).toBeLessThan(GRACE_MS);
  });

  it('is longer while nobody looks and there is no seat to lose', () => {
    expect(longest({ attempt: 50, hidden: true, lostForMs: GRACE_MS + 1 })).toBe(60_000);
    expect(longest({ attempt: 50, hidden: false, lostForMs: GRACE_MS + 1 })).toBe(10_000);
  });
});
