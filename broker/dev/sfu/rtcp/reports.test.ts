import { expect, test } from 'vitest';
import { hex } from '../testing/hex.ts';
import { readLosses, readSenderReport, writeReceiverReport, writeSenderReport } from './reports.ts';

test('a receiver report', () => {
  const block = {
    ssrc: 0x11223344,
    fractionLost: 0x40,
    packetsLost: 0x000102,
    highestSequence: 0x0001fffe,
    jitter: 7.9,
    lastSenderReport: 0xaabbccdd,
    delaySinceLastSenderReport: 0x10000,
  };
  expect(writeReceiverReport(1, [block]).toString('hex')).toBe(
    hex('81c90007 00000001 11223344 40000102 0001fffe 00000007 aabbccdd 00010000'),
  );
  expect(readLosses(writeReceiverReport(1, [block, { ...block, ssrc: 7, fractionLost: 0 }]))).toEqual([
    { ssrc: 0x11223344, fractionLost: 0.25 },
    { ssrc: 7, fractionLost: 0 },
  ]);
  expect(readLosses(writeReceiverReport(1, [block]).subarray(0, 20))).toEqual([]);
});

test('a sender report goes with the name of its source', () => {
  const report = {
    ssrc: 5,
    ntpSeconds: 0xe0000001,
    ntpFraction: 0x80000000,
    timestamp: 0xffffffff,
    packets: 3,
    octets: 300,
  };
  const bytes = writeSenderReport(report, 'abc');
  expect(bytes.toString('hex')).toBe(
    hex('80c80006 00000005 e0000001 80000000 ffffffff 00000003 0000012c 81ca0003 00000005 0103616263000000'),
  );
  expect(readSenderReport(bytes)).toEqual(report);
  expect(readSenderReport(bytes.subarray(0, 20))).toBeUndefined();
});
