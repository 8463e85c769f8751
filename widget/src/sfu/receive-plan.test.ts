import { describe, expect, it } from 'vitest';
import { planReceive, type WaitingPull } from './receive-plan.ts';

const pull = (key: string, changes: Partial<WaitingPull> = {}): WaitingPull => ({
  key,
  kind: 'video',
  failures: 0,
  notBefore: 0,
  mayRepoint: true,
  owner: key,
  ...changes,
});
const slot = (mid: string, kind: 'audio' | 'video' = 'video', owner = '', notBefore = 0) => ({
  mid,
  kind,
  owner,
  notBefore,
});

const calm = { offLayer: [], relayerNotBefore: 0 };

describe('planReceive', () => {
  it('does nothing where nothing is to be done', () => {
    expect(planReceive({ ...calm, waiting: [], leaving: [], now: 0 })).toBeUndefined();
  });

  it('pulls sound before pictures, each in the order wanted', () => {
    const waiting = [pull('v1'), pull('a1', { kind: 'audio' }), pull('v2'), pull('a2', { kind: 'audio' })];
    expect(planReceive({ ...calm, waiting, leaving: [], now: 0 })).toEqual({
      type: 'pull',
      keys: ['a1', 'a2', 'v1', 'v2'],
    });
  });

  it('asks for at most 64 tracks at once', () => {
    const waiting = Array.from({ length: 70 }, (_, index) => pull(`v${index}`));
    expect(planReceive({ ...calm, waiting, leaving: [], now: 0 })).toMatchObject({ keys: { length: 64 } });
    const leaving = Array.from({ length: 70 }, (_, index) => slot(String(index)));
    expect(planReceive({ ...calm, waiting: [], leaving, now: 0 })).toMatchObject({ mids: { length: 64 } });
    expect(planReceive({ ...calm, waiting, leaving, now: 0 })).toMatchObject({ type: 'repoint', keys: { length: 64 } });
  });

  it('hands the section of somebody who publishes anew to their new track', () => {
    const waiting = [pull('v1', { owner: 'ann' }), pull('v2', { owner: 'bob' }), pull('v3', { owner: 'cleo' })];
    const leaving = [slot('4', 'video', 'bob'), slot('5', 'video', 'dora'), slot('6', 'video', 'ann')];
    expect(planReceive({ ...calm, waiting, leaving, now: 0 })).toEqual({
      type: 'repoint',
      keys: ['v1', 'v2', 'v3'],
      mids: ['6', '4', '5'],
    });
  });

  it('hands a leaving section to a wanted track of its kind, and releases the rest', () => {
    const waiting = [pull('a1', { kind: 'audio' }), pull('v1'), pull('v2')];
    const leaving = [slot('4'), slot('5')];
    expect(planReceive({ ...calm, waiting, leaving, now: 0 })).toEqual({
      type: 'repoint',
      keys: ['v1', 'v2'],
      mids: ['4', '5'],
    });
    expect(planReceive({ ...calm, waiting: waiting.slice(0, 1), leaving, now: 0 })).toEqual({
      type: 'release',
      mids: ['4', '5'],
    });
  });

  it('keeps a leaving section for a moment, without delay for anybody else, and frees it then', () => {
    const leaving = [slot('4', 'video', '', 500), slot('5', 'audio', '', 700)];
    expect(planReceive({ ...calm, waiting: [], leaving, now: 100 })).toEqual({ type: 'wait', until: 500 });
    expect(planReceive({ ...calm, waiting: [], leaving, now: 500 })).toEqual({ type: 'release', mids: ['4'] });
    expect(planReceive({ ...calm, waiting: [], leaving, now: 700 })).toEqual({ type: 'release', mids: ['4', '5'] });
    const [voice, picture] = [pull('a1', { kind: 'audio' }), pull('v1')];
    const ofVideo = leaving.slice(0, 1);
    expect(planReceive({ ...calm, waiting: [picture], leaving, now: 100 })).toMatchObject({
      type: 'repoint',
      mids: ['4'],
    });
    expect(planReceive({ ...calm, waiting: [voice], leaving: ofVideo, now: 100 })).toEqual({
      type: 'pull',
      keys: ['a1'],
    });
    const off = { offLayer: ['v2'], relayerNotBefore: 0 };
    expect(planReceive({ ...off, waiting: [], leaving, now: 100 })).toEqual({ type: 'relayer', keys: ['v2'] });
  });

  it('frees a section at once for one that waits and may not be put into it', () => {
    const leaving = [slot('4', 'video', '', 500), slot('5', 'audio', '', 500)];
    const refused = pull('v1', { mayRepoint: false });
    expect(planReceive({ ...calm, waiting: [refused], leaving, now: 100 })).toEqual({ type: 'release', mids: ['4'] });
  });

  it('puts nothing into a used section that was refused there, or that failed', () => {
    const waiting = [pull('v1', { mayRepoint: false }), pull('v2', { failures: 1 })];
    expect(planReceive({ ...calm, waiting, leaving: [slot('4')], now: 0 })).toEqual({ type: 'release', mids: ['4'] });
  });

  it('pulls suspects one by one, behind everything healthy', () => {
    const waiting = [pull('s1', { failures: 1 }), pull('s2', { failures: 2 }), pull('v1')];
    expect(planReceive({ ...calm, waiting, leaving: [], now: 0 })).toEqual({ type: 'pull', keys: ['v1'] });
    expect(planReceive({ ...calm, waiting: waiting.slice(0, 2), leaving: [], now: 0 })).toEqual({
      type: 'pull',
      keys: ['s1'],
    });
  });

  it('waits for the first of those that wait, and for none that never comes', () => {
    const waiting = [pull('s1', { failures: 1, notBefore: 900 }), pull('s2', { failures: 1, notBefore: 500 })];
    expect(planReceive({ ...calm, waiting, leaving: [], now: 100 })).toEqual({ type: 'wait', until: 500 });
    expect(
      planReceive({ ...calm, waiting: [pull('x', { notBefore: Infinity })], leaving: [], now: 0 }),
    ).toBeUndefined();
  });

  it('changes layers once everything healthy is there, before suspects, and not too often', () => {
    const suspect = pull('s1', { failures: 1 });
    const off = { offLayer: ['v1', 'v2'], relayerNotBefore: 100, leaving: [] };
    expect(planReceive({ ...off, waiting: [pull('v3'), suspect], now: 100 })).toEqual({ type: 'pull', keys: ['v3'] });
    expect(planReceive({ ...off, waiting: [suspect], now: 100 })).toEqual({ type: 'relayer', keys: ['v1', 'v2'] });
    expect(planReceive({ ...off, waiting: [suspect], now: 99 })).toEqual({ type: 'pull', keys: ['s1'] });
    expect(planReceive({ ...off, waiting: [], now: 99 })).toEqual({ type: 'wait', until: 100 });
  });
});
