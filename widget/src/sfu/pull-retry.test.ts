import { describe, expect, it } from 'vitest';
import { BrokerError } from '../call/ports.ts';
import { backoff, readCallFailure, retryPull } from './pull-retry.ts';

const MIDDLE = 0.5;

describe('retryPull', () => {
  it('waits longer each time for a publisher that does not send yet, and says so after six tries', () => {
    const tries = [1, 2, 3, 4, 5, 6].map((attempt) => retryPull('not_found_track_error', attempt, MIDDLE));
    expect(tries.map(({ delay }) => delay)).toEqual([300, 600, 1_200, 2_400, 4_800, 15_000]);
    expect(tries.map(({ isHopeless }) => isHopeless)).toEqual([false, false, false, false, false, true]);
    expect(retryPull('empty_track_error', 5, MIDDLE).isHopeless).toBe(false);
  });

  it.each(['retryable_transient_error', 'transport_unavailable_error', 'internal_error', 'never_heard_of'])(
    'gives %s four tries',
    (errorCode) => {
      expect(retryPull(errorCode, 3, MIDDLE).isHopeless).toBe(false);
      expect(retryPull(errorCode, 4, MIDDLE).isHopeless).toBe(true);
    },
  );

  it('never asks again for what the broker forbids', () => {
    expect(retryPull('forbidden', 1, MIDDLE)).toEqual({ delay: Infinity, isHopeless: true });
  });

  it('spreads the tries of many clients by a quarter either way', () => {
    expect(backoff(1, 0)).toBe(225);
    expect(backoff(1, 1)).toBe(375);
    expect(backoff(20, 1)).toBe(6_250);
  });
});

describe('readCallFailure', () => {
  it.each([
    [0, '', 'replace'],
    [504, 'sfu_timeout', 'replace'],
    [410, 'session_error', 'replace'],
    [404, 'not_found', 'replace'],
    [406, 'invalid_session_description', 'replace'],
    [425, 'session_error', 'later'],
    [429, 'rate_limited', 'later'],
    [500, 'internal_error', 'later'],
    [502, 'sfu_unreachable', 'replace'],
    [502, 'sfu_error', 'later'],
    [406, 'temporarily_unavailable_error', 'later'],
    [401, 'unauthorized', 'refused'],
    [403, 'forbidden', 'refused'],
  ] as const)('%i %s: %s', (status, errorCode, expected) => {
    expect(readCallFailure(new BrokerError(status, errorCode, ''))).toBe(expected);
  });
});
