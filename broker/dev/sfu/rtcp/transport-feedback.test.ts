import { expect, test } from 'vitest';
import { hex } from '../testing/hex.ts';
import { writeTransportFeedback } from './transport-feedback.ts';

const HEAD = { sender: 1, media: 2, count: 9, firstSequence: 0x0102 };

test('a run of packets, each a small step after the last', () => {
  // Reference 1 = 64 ms; the first 1 ms later (4 steps of 250 us), then 2 ms each (8 steps).
  const arrivals = Array.from({ length: 7 }, (_, index) => 65_000 + index * 2_000);
  expect(writeTransportFeedback({ ...HEAD, arrivals }).toString('hex')).toBe(
    hex('afcd0007 00000001 00000002 01020007 00000109 2007 04080808080808 000003'),
  );
});

test('holes, a long step and a packet that came before the one sent earlier', () => {
  const arrivals = [64_000, undefined, 264_000, 263_000];
  // Symbols 1,0,2,2 in a vector; deltas 0, +800 (0x0320), -4 (0xfffc).
  expect(writeTransportFeedback({ ...HEAD, arrivals }).toString('hex')).toBe(
    hex('afcd0006 00000001 00000002 01020004 00000109 d280 00 0320 fffc 01'),
  );
});

test('a long hole is one run', () => {
  const arrivals = [64_000, ...Array<undefined>(20).fill(undefined), 64_250];
  const written = writeTransportFeedback({ ...HEAD, arrivals }).toString('hex');
  // The first with six of the missing, a run of 14 missing, the last.
  expect(written.slice(40, 52)).toBe(hex('d000 000e d000'));
});
