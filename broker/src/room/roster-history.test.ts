import { describe, expect, it } from 'vitest';
import { RosterHistory } from './roster-history.ts';

const gone = (id: number) => ({ type: 'gone', id: `p${id}`, reason: 'left' }) as const;

function historyAfter(start: number, count: number): RosterHistory {
  const history = new RosterHistory(start);
  for (let index = 1; index <= count; index += 1) history.add(gone(start + index));
  return history;
}

describe('RosterHistory', () => {
  it('HS11 has what came after a revision, with its revisions, and nothing where nothing was missed', () => {
    const history = historyAfter(7, 3);
    expect(history.since(8)).toEqual([
      { rev: 9, change: gone(9) },
      { rev: 10, change: gone(10) },
    ]);
    expect(history.since(10)).toEqual([]);
  });

  it('HS11 does not know what came before it, nor what has not come', () => {
    const history = historyAfter(7, 3);
    expect([history.since(6), history.since(11)]).toEqual([undefined, undefined]);
    expect(history.since(7)).toHaveLength(3);
  });

  it('HS11 A21 remembers the last 256', () => {
    const history = historyAfter(0, 1_000);
    expect(history.since(743)).toBeUndefined();
    expect(history.since(744)).toHaveLength(256);
    expect(history.since(744)?.[0]).toEqual({ rev: 745, change: gone(745) });
  });
});
