import { expect, test } from 'vitest';
import { rtp } from '../testing/rtp-builder.ts';
import { startsKeyFrame } from './key-frame.ts';

test.each([
  ['vp8', '90e080010200100200', true, 'first packet of a key frame'],
  ['vp8', '90e080010200110200', false, 'first packet of another frame'],
  ['vp8', '80e080010200100200', false, 'a later packet of a key frame'],
  ['vp9', '8c800100', true, 'begins a frame without prediction'],
  ['vp9', 'cc800100', false, 'predicted from another picture'],
  ['vp9', 'ac800102', false, 'an upper spatial layer'],
  ['h264', '670000', true, 'parameter set'],
  ['h264', '7c8500', true, 'first fragment of an IDR picture'],
  ['h264', '7c0500', false, 'a later fragment'],
  ['h264', '7800026742000265aa', true, 'parameter set in an aggregate'],
  ['h264', '410000', false, 'another picture'],
  ['av1', '180a0b', true, 'a new coded video sequence'],
  ['av1', '100a0b', false, 'the same sequence'],
  ['opus', '000000', true, 'sound'],
  ['vp8', '90', false, 'cut short'],
])('%s %s: %s (%s)', (codec, hex, expected) => {
  expect(startsKeyFrame(codec, rtp({ payload: Buffer.from(hex, 'hex') }))).toBe(expected);
});
