import { describe, expect, it } from 'vitest';
import { ActiveSpeakers } from './active-speakers.ts';

const TICK = 200;

/** Feeds readings 200 ms apart, and returns who spoke after each. */
function hear(readings: readonly Record<string, number>[], speakers = new ActiveSpeakers()): string[] {
  return readings.map((levels, index) => {
    speakers.update(new Map(Object.entries(levels)), index * TICK);
    return speakers.speakers.join();
  });
}

describe('ActiveSpeakers', () => {
  it('hears speech and not the room', () => {
    expect(hear([{ ann: 0.01, bob: 0.2 }])).toEqual(['bob']);
  });

  it('hears through the pauses between words, and then no more', () => {
    const silence = { ann: 0 };
    const heard = hear([{ ann: 0.2 }, silence, silence, silence, silence, silence, silence]);
    expect(heard).toEqual(['ann', 'ann', 'ann', 'ann', 'ann', '', '']);
  });

  it('goes on at a level that does not begin', () => {
    const low = { ann: 0.02 };
    expect(hear([low, low])).toEqual(['', '']);
    expect(hear([{ ann: 0.2 }, low, low, low, low, low, low, low])).toEqual(Array(8).fill('ann'));
  });

  it('puts the loudest first, and lets nobody pass by a little', () => {
    const steady = hear([
      { ann: 0.1, bob: 0.3 },
      { ann: 0.1, bob: 0.3 },
    ]);
    expect(steady).toEqual(['bob,ann', 'bob,ann']);
    const close = hear([
      { ann: 0.2, bob: 0.19 },
      { ann: 0.19, bob: 0.2 },
      { ann: 0.18, bob: 0.21 },
    ]);
    expect(new Set(close)).toEqual(new Set(['ann,bob']));
    const passing = hear([
      { ann: 0.1, bob: 0.1 },
      { ann: 0.05, bob: 0.3 },
      { ann: 0.05, bob: 0.3 },
    ]);
    expect(passing.at(-1)).toBe('bob,ann');
  });

  it('forgets at once whoever is gone, and tells changes only', () => {
    const speakers = new ActiveSpeakers();
    const loud = new Map([['ann', 0.2]]);
    expect(speakers.update(loud, 0)).toBe(true);
    expect(speakers.update(loud, TICK)).toBe(false);
    expect(speakers.update(new Map(), 2 * TICK)).toBe(true);
    expect(speakers.speakers).toEqual([]);
  });
});
