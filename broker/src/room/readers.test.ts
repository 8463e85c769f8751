import { beforeEach, describe, expect, it } from 'vitest';
import { UNREAD_MAX_BYTES, UNREAD_MAX_MESSAGES, UNREAD_MAX_MS } from '#protocol';
import { Readers } from './readers.ts';

const T0 = 1_800_000_000_000;

let readers: Readers;
beforeEach(() => {
  readers = new Readers();
  readers.opened('ann');
});

/** Offers changes as a room does; returns what became of them. */
function change(count: number, bytes = 100, now = T0): string[] {
  return Array.from({ length: count }, () => {
    const verdict = readers.next('ann', now);
    if (verdict !== 'hold') readers.sent('ann', bytes);
    return verdict;
  });
}

describe('Readers', () => {
  it('SR2 holds changes back with more than 256 on the way, after one notice', () => {
    const verdicts = change(UNREAD_MAX_MESSAGES + 5);
    expect(verdicts.slice(0, UNREAD_MAX_MESSAGES + 1).every((verdict) => verdict === 'send')).toBe(true);
    expect(verdicts.slice(UNREAD_MAX_MESSAGES + 1)).toEqual(['notice', 'hold', 'hold', 'hold']);
  });

  it('SR2 holds changes back with more than 1 MB on the way', () => {
    expect(change(4, UNREAD_MAX_BYTES / 2)).toEqual(['send', 'send', 'send', 'notice']);
  });

  it('SR2 who asks what was missed is sent changes again', () => {
    change(UNREAD_MAX_MESSAGES + 5);
    readers.asked('ann');
    expect(change(UNREAD_MAX_MESSAGES + 2).at(-2)).toBe('send');
    expect(readers.tooSlow(T0 + UNREAD_MAX_MS)).toEqual(['ann']);
  });

  it('SR1 who acknowledges in time is never held back', () => {
    for (let received = 32; received < 10_000; received += 32) {
      expect(change(32)).not.toContain('notice');
      readers.acknowledged('ann', received);
    }
    expect(readers.nextDue()).toBe(Infinity);
  });

  it('SR1 what is said to have come counts no more, and no less', () => {
    change(200);
    readers.acknowledged('ann', 150);
    expect(change(UNREAD_MAX_MESSAGES - 50)).not.toContain('notice');
    expect(change(2)).toEqual(['send', 'notice']);
  });

  it('SR1 a count that goes back, or is repeated, frees nothing', () => {
    change(200);
    readers.acknowledged('ann', 0);
    readers.acknowledged('ann', 0);
    change(57);
    expect(change(1)).toEqual(['notice']);
  });

  it('SR1 goes on counting after a question', () => {
    change(100);
    readers.acknowledged('ann', 60);
    readers.asked('ann');
    change(100);
    readers.acknowledged('ann', 150);
    expect(change(UNREAD_MAX_MESSAGES - 50).at(-1)).toBe('send');
    expect(change(2)).toEqual(['send', 'notice']);
  });

  it('SR1 the first count after a sleep stands for all that was sent since', () => {
    readers = new Readers();
    change(200);
    readers.acknowledged('ann', 5_000);
    expect(change(UNREAD_MAX_MESSAGES + 1)).not.toContain('notice');
    readers.acknowledged('ann', 5_000 + UNREAD_MAX_MESSAGES);
    expect(change(UNREAD_MAX_MESSAGES)).not.toContain('notice');
  });

  it('SR3 is too slow 30 s after changes were held back, and not a moment before', () => {
    change(UNREAD_MAX_MESSAGES + 2);
    expect(readers.nextDue()).toBe(T0 + UNREAD_MAX_MS);
    expect(readers.tooSlow(T0 + UNREAD_MAX_MS - 1)).toEqual([]);
    expect(readers.tooSlow(T0 + UNREAD_MAX_MS)).toEqual(['ann']);
    readers.closed('ann');
    expect([readers.nextDue(), readers.tooSlow(Infinity)]).toEqual([Infinity, []]);
  });

  it('SR3 is too slow at once with four times as much on the way', () => {
    for (let count = 0; count <= UNREAD_MAX_MESSAGES * 4; count += 1) {
      expect(readers.tooSlow(T0)).toEqual([]);
      readers.sent('ann', 1);
    }
    expect(readers.tooSlow(T0)).toEqual(['ann']);
  });
});
