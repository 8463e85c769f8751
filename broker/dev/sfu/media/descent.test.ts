import { expect, test } from 'vitest';
import { DEFAULT_TIMINGS } from '../timings.ts';
import { Descent } from './descent.ts';

const SECOND = 1_000;
const { riseAfterMs } = DEFAULT_TIMINGS;

/** One report a second, from `now` on; the second after the last. */
function reports(descent: Descent, now: number, ...losses: number[]): number {
  losses.forEach((lost, index) => descent.report(lost, now + index * SECOND, 2));
  return now + losses.length * SECOND;
}

test('two seconds of heavy loss lead down, one does not, and not below the last layer', () => {
  const descent = new Descent(riseAfterMs);
  let now = reports(descent, 0, 0.5, 0, 0.5, 0.05, 0.5);
  expect(descent.steps).toBe(0);
  now = reports(descent, now, 0.5);
  expect(descent.steps).toBe(1);
  now = reports(descent, now, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5);
  expect(descent.steps).toBe(2);
});

test('a calm path leads up again, later after each fall', () => {
  const calmFor = (descent: Descent, from: number): number => {
    for (let now = from; ; now += SECOND) {
      descent.report(0, now, 2);
      if (descent.steps === 0) return now - from;
    }
  };
  const descent = new Descent(riseAfterMs);
  let now = reports(descent, 0, 0.5, 0.5);
  const first = calmFor(descent, now);
  now = reports(descent, now + first, 0.5, 0.5);
  expect(descent.steps).toBe(1);
  expect(first).toBeGreaterThanOrEqual(riseAfterMs);
  expect(calmFor(descent, now)).toBeGreaterThan(first);
});

test('some loss keeps things as they are', () => {
  const descent = new Descent(riseAfterMs);
  reports(descent, 0, 0.5, 0.5, ...Array.from({ length: 60 }, (_, second) => (second % 3 === 0 ? 0.05 : 0)));
  expect(descent.steps).toBe(1);
});
