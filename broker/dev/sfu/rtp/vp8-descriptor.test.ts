import { describe, expect, test } from 'vitest';
import { readVp8Counters, shiftVp8Counters, vp8PayloadStart } from './vp8-descriptor.ts';

describe('VP8 payload descriptors', () => {
  test.each([
    ['a long picture id and tl0picidx', '90e0812345001002', { pictureId: 0x0123, tl0: 0x45, start: 6 }],
    ['a short picture id', '908023ff', { pictureId: 0x23, tl0: undefined, start: 3 }],
    ['only tl0picidx', '904007ff', { pictureId: undefined, tl0: 7, start: 3 }],
    ['no extension', '10ff', { pictureId: undefined, tl0: undefined, start: 1 }],
  ])('reads %s', (_, hex, { pictureId, tl0, start }) => {
    const buffer = Buffer.from(hex, 'hex');
    const counters = readVp8Counters(buffer, 0, buffer.length);
    expect(counters.pictureId?.value).toBe(pictureId);
    expect(counters.tl0PictureIndex?.value).toBe(tl0);
    expect(vp8PayloadStart(buffer, 0, buffer.length)).toBe(start);
  });

  test('moves both, over their wrap-around, and touches nothing else', () => {
    const buffer = Buffer.from('90e0ffffff001002', 'hex');
    shiftVp8Counters(buffer, 0, buffer.length, 2, 3);
    expect(buffer.toString('hex')).toBe('90e0800102001002');
  });

  test('a descriptor that is cut short has no counters', () => {
    expect(readVp8Counters(Buffer.from('90e081', 'hex'), 0, 3)).toEqual({});
  });
});
