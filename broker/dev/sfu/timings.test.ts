import { expect, test } from 'vitest';
import { parseTimings } from './timings.ts';

test('reads some of the timings', () => {
  expect(parseTimings('{"lostSessionMs":500,"emptyTrackMs":0}')).toEqual({ lostSessionMs: 500, emptyTrackMs: 0 });
});

test.each(['', '{', '[]', '7', '{"answer":1}', '{"lostSessionMs":"1"}', '{"lostSessionMs":0.5}'])(
  'refuses %j',
  (text) => {
    expect(() => parseTimings(text)).toThrow(/^TIMINGS must be JSON with some of connectWaitMs, /);
  },
);
