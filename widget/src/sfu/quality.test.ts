import { describe, expect, it } from 'vitest';
import { QualityMeter, type Experience } from './quality.ts';

const GOOD: Experience = { loss: 0, rtt: 40, froze: false };
const lossy = (loss: number): Experience => ({ ...GOOD, loss });
const slow = (rtt: number): Experience => ({ ...GOOD, rtt });
const frozen: Experience = { ...GOOD, froze: true };

/** The quality after each reading. */
function read(...experiences: (Experience | undefined)[]): number[] {
  const meter = new QualityMeter();
  return experiences.map((experience) => {
    meter.read(experience);
    return meter.quality;
  });
}
/** What a connection settles at that stays as it is. */
const settled = (experience: Experience) => read(experience, experience, experience).at(-1);

describe('the quality of a connection', () => {
  it.each([
    [lossy(0.02), 4],
    [lossy(0.021), 3],
    [lossy(0.05), 3],
    [lossy(0.051), 2],
    [lossy(0.1), 2],
    [lossy(0.11), 1],
    [slow(250), 4],
    [slow(251), 3],
    [slow(400), 3],
    [slow(401), 2],
    [slow(800), 2],
    [slow(801), 1],
    [frozen, 2],
    [{ ...frozen, loss: 0.5 }, 1],
    [{ loss: 0.03, rtt: 600, froze: false }, 2],
    [{ loss: 1, rtt: 9_000, froze: true }, 1],
  ])('is that of its worst side: %j is %i', (experience, quality) => {
    expect(settled(experience)).toBe(quality);
  });

  it('is as good as it gets before anything is known', () => {
    expect(new QualityMeter().quality).toBe(4);
  });

  it('is not changed by one bad moment, however bad', () => {
    expect(read(GOOD, lossy(0.9), GOOD, lossy(0.9), GOOD)).toEqual([4, 4, 4, 4, 4]);
  });

  it('falls with the second bad reading, to the better of the two', () => {
    expect(read(GOOD, lossy(0.9), lossy(0.04))).toEqual([4, 4, 3]);
    expect(read(GOOD, lossy(0.04), lossy(0.9), lossy(0.9))).toEqual([4, 4, 3, 1]);
  });

  it('rises with the third good reading, to the worst of the three', () => {
    const bad = [lossy(0.9), lossy(0.9)];
    expect(read(...bad, GOOD, GOOD, GOOD)).toEqual([4, 1, 1, 1, 4]);
    expect(read(...bad, GOOD, lossy(0.08), GOOD, GOOD)).toEqual([4, 1, 1, 1, 2, 2]);
    expect(read(...bad, GOOD, GOOD, lossy(0.9), GOOD, GOOD, GOOD)).toEqual([4, 1, 1, 1, 1, 1, 1, 4]);
  });

  it('does not waver with readings that do', () => {
    const wavering = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? lossy(0.04) : GOOD));
    expect(new Set(read(...wavering))).toEqual(new Set([4]));
  });

  it('is nothing at once where nothing comes through, and what is seen first when it is back', () => {
    expect(read(GOOD, undefined, lossy(0.04), GOOD, GOOD, GOOD)).toEqual([4, 0, 3, 3, 3, 4]);
    // What was before counts no more.
    expect(read(lossy(0.9), undefined, GOOD, lossy(0.9), GOOD)).toEqual([4, 0, 4, 4, 4]);
  });
});
