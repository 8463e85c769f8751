import { expect, test } from 'vitest';
import { hex } from '../testing/hex.ts';
import { rtp } from '../testing/rtp-builder.ts';
import { PACKET_MAX_BYTES, writeRtp } from './write-rtp.ts';

const out = Buffer.alloc(PACKET_MAX_BYTES);
const packet = rtp({
  payloadType: 96,
  marker: true,
  sequence: 1,
  timestamp: 2,
  ssrc: 3,
  extensions: { 1: Buffer.from([0x55]), 3: Buffer.from([0x12, 0x34]) },
  payload: Buffer.from('cafe', 'hex'),
});
const header = { payloadType: 100, sequence: 0xfffe, timestamp: 0xfedcba98, ssrc: 0x01020304 };

test('rewrites the numbers, adds the mid, copies what is mapped and drops the rest', () => {
  const plan = { midId: 4, mid: Buffer.from('12'), copied: new Map([[1, 9]]) };
  const { payloadStart, end } = writeRtp(out, packet, header, plan);
  expect(out.toString('hex', 0, end)).toBe(hex('90e4fffe fedcba98 01020304 bede0002 4131329055000000 cafe'));
  expect(payloadStart).toBe(24);
});

test('without extensions there is no block', () => {
  const { end } = writeRtp(out, packet, header, { midId: undefined, mid: Buffer.from('0'), copied: new Map() });
  expect(out.toString('hex', 0, end)).toBe(hex('80e4fffe fedcba98 01020304 cafe'));
});

test('a retransmission begins with the sequence number it repeats', () => {
  const plan = { midId: undefined, mid: Buffer.from('0'), copied: new Map() };
  const { end } = writeRtp(out, packet, { ...header, originalSequence: 0x0102 }, plan);
  expect(out.toString('hex', 12, end)).toBe(hex('0102 cafe'));
});
