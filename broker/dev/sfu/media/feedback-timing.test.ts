import { describe, expect, test } from 'vitest';
import { KEY_FRAME_REQUEST_MS, NACK_INTERVAL_MS, NACK_LIFETIME_MS, NACK_TRIES_MAX } from '../timings.ts';
import { ArrivalRecorder } from './arrival-recorder.ts';
import { DuplicateFilter } from './duplicate-filter.ts';
import { KeyFrameRequest } from './key-frame-request.ts';
import { LossRecovery } from './loss-recovery.ts';

describe('KeyFrameRequest', () => {
  test('asks at once, then not more often than browsers listen, until the key frame is there', () => {
    const request = new KeyFrameRequest();
    expect(request.due(0)).toBe(false);
    request.want();
    expect(request.due(1_000)).toBe(true);
    request.want();
    expect(request.due(1_000 + KEY_FRAME_REQUEST_MS - 1)).toBe(false);
    expect(request.due(1_000 + KEY_FRAME_REQUEST_MS)).toBe(true);
    request.arrived();
    expect(request.due(1_000 + 10 * KEY_FRAME_REQUEST_MS)).toBe(false);
  });
});

describe('LossRecovery', () => {
  test('asks again while a packet is missing, then gives up', () => {
    const recovery = new LossRecovery();
    recovery.lost([7, 8], 0);
    expect(recovery.due(0)).toEqual([7, 8]);
    expect(recovery.due(NACK_INTERVAL_MS - 1)).toEqual([]);
    recovery.arrived(7);
    let tries = 1;
    for (let now = NACK_INTERVAL_MS; now <= NACK_LIFETIME_MS * 2; now += NACK_INTERVAL_MS)
      tries += recovery.due(now).length;
    expect(tries).toBe(NACK_TRIES_MAX);
  });

  test('does not ask for what is too old to be played', () => {
    const recovery = new LossRecovery();
    recovery.lost([7], 0);
    expect(recovery.due(NACK_LIFETIME_MS + 1)).toEqual([]);
  });
});

describe('ArrivalRecorder', () => {
  test('reports holes, also those between two reports, over a wrap-around', () => {
    const recorder = new ArrivalRecorder();
    expect(recorder.take()).toBeUndefined();
    recorder.record(65_535, 10);
    recorder.record(65_533, 5);
    expect(recorder.take()).toEqual({ firstSequence: 65_533, arrivals: [5, undefined, 10] });
    recorder.record(1, 20);
    expect(recorder.take()).toEqual({ firstSequence: 0, arrivals: [undefined, 20] });
  });

  test('a packet that comes after its report was sent is reported by itself', () => {
    const recorder = new ArrivalRecorder();
    recorder.record(10, 1);
    recorder.take();
    recorder.record(9, 2);
    expect(recorder.take()).toEqual({ firstSequence: 9, arrivals: [2] });
  });
});

describe('DuplicateFilter', () => {
  test('knows the last thousands of numbers', () => {
    const filter = new DuplicateFilter();
    for (let value = -40; value < 9_000; value += 2) expect(filter.add(value)).toBe(true);
    expect(filter.add(8_998)).toBe(false);
    expect(filter.add(8_999)).toBe(true);
    expect(filter.add(8_999)).toBe(false);
    expect(filter.add(1)).toBe(false);
  });
});
