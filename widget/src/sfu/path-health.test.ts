import { describe, expect, it } from 'vitest';
import { PathHealth, type PathSample, type PathVerdict } from './path-health.ts';

const STEP_MS = 50;
const CHECK_MS = 2_500;

interface Scene extends Partial<PathSample> {
  isAcknowledged?: boolean;
  /** Which of the browser's checks are answered, in milliseconds of the silence; all unless given. */
  isAnswered?: (time: number) => boolean;
  wayAt?: (time: number) => string;
}

interface Outcome {
  /** Milliseconds of silence until then; Infinity for never, within a minute. */
  suspect: number;
  probed: number;
  dead: number;
  probes: number;
}

/** A connection that worked, and falls silent at 0: looked at whenever it asks to be, from any moment on. */
function fallSilent(scene: Scene = {}, from = 700): Outcome {
  const { isAcknowledged = false, isAnswered = () => true, wayAt = () => 'a', checkMs = CHECK_MS, ...sample } = scene;
  const health = new PathHealth({ isAcknowledged });
  const look = (now: number, silence: number, answers: number): PathVerdict =>
    health.look(
      { transport: 'connected', senders: 1, isOtherDark: false, ...sample, checkMs, silence, answers, way: wayAt(now) },
      now,
    );
  look(-100, 20, 0);
  const outcome: Outcome = { suspect: Infinity, probed: Infinity, dead: Infinity, probes: 0 };
  let answers = 0;
  let dueAt = from;
  for (let now = 0; now < 60_000 && outcome.dead === Infinity; now += STEP_MS) {
    if (now % checkMs === 0 && isAnswered(now)) answers += 1;
    if (now < dueAt) continue;
    const { state, isToProbe, nextMs } = look(now, now, answers);
    dueAt = now + nextMs;
    if (state !== 'well') outcome.suspect = Math.min(outcome.suspect, now);
    if (isToProbe) Object.assign(outcome, { probed: Math.min(outcome.probed, now), probes: outcome.probes + 1 });
    if (state === 'dead') outcome.dead = now;
  }
  return outcome;
}

describe('a silence', () => {
  it.each([500, 700, 1_000, 1_800])('first seen after %i ms is a doubt at once, and the SFU is asked once', (from) => {
    const { suspect, probed, probes } = fallSilent({}, from);
    expect(suspect).toBe(from);
    expect(probed).toBe(Math.max(from, 1_250));
    expect(probes).toBe(1);
  });

  it('shorter than half a second is none: so far apart are the packets of silence itself', () => {
    const health = new PathHealth({ isAcknowledged: false });
    for (let now = 0; now < 60_000; now += 450) {
      const sample = {
        transport: 'connected',
        silence: 450,
        answers: now,
        checkMs: CHECK_MS,
        way: 'a',
        senders: 2,
      } as const;
      expect(health.look({ ...sample, isOtherDark: true }, now)).toMatchObject({ state: 'well', isToProbe: false });
    }
  });

  it.each<[string, Scene, number]>([
    ['of one person, on a path that answers, is their own trouble', {}, Infinity],
    ['of nobody who should be heard is none', { senders: 0, isAnswered: () => false }, Infinity],
    ['of two people at once means a dead path', { senders: 2 }, 1_500],
    ['in both connections at once means a dead path', { isOtherDark: true }, 1_500],
    ['of the SFU, which acknowledges what I publish, means a dead path', { isAcknowledged: true }, 4_000],
    ['without an answer to any check means a dead path', { isAnswered: () => false }, 3_300],
    ['of one person, on a path that answers seldom, is their own trouble', { checkMs: 6_000 }, Infinity],
    ['without an answer for longer than they are seldom', { checkMs: 6_000, isAnswered: () => false }, 6_800],
    ['after an answer that was the last means a dead path', { isAnswered: (time) => time <= CHECK_MS }, 5_100],
    ['that the browser has noticed itself means a dead path', { transport: 'lost' }, 1_900],
  ])('%s', (_, scene, expected) => {
    const { dead } = fallSilent(scene);
    expect(dead).toBeGreaterThanOrEqual(expected);
    // A look comes every half second while there is doubt.
    if (expected < Infinity) expect(dead).toBeLessThanOrEqual(expected + 500);
  });

  it('after my address has changed means that the SFU sends to the old one', () => {
    const { dead } = fallSilent({ wayAt: (time) => (time < 1_000 ? 'a' : 'b') });
    expect(dead).toBeGreaterThanOrEqual(2_000);
    expect(dead).toBeLessThanOrEqual(2_700);
  });

  it('that began after packets came by the new address is one person’s like any other', () => {
    expect(fallSilent({ wayAt: (time) => (time < -100 ? 'a' : 'b') }).dead).toBe(Infinity);
  });
});

describe('a connection', () => {
  const silent = {
    transport: 'connected',
    answers: 0,
    checkMs: CHECK_MS,
    way: 'a',
    senders: 2,
    isOtherDark: true,
  } as const;

  it('that failed, or whose session is gone, is dead at once', () => {
    const health = new PathHealth({ isAcknowledged: false });
    expect(health.look({ ...silent, silence: 0, transport: 'failed' }, 0).state).toBe('dead');
    health.isGone = true;
    expect(health.look({ ...silent, silence: 0 }, 0).state).toBe('dead');
  });

  it('that was given up and is heard again is well', () => {
    const health = new PathHealth({ isAcknowledged: false });
    health.look({ ...silent, silence: 0 }, 0);
    expect(health.look({ ...silent, silence: 1_600 }, 1_600).state).toBe('dead');
    expect(health.look({ ...silent, silence: 10 }, 1_700).state).toBe('well');
  });

  it('is not blamed for a look that comes late: the machine slept, or was busy', () => {
    const health = new PathHealth({ isAcknowledged: false });
    const { nextMs } = health.look({ ...silent, silence: 0 }, 0);
    const late = nextMs + 1_300;
    expect(health.look({ ...silent, silence: late }, late).state).toBe('suspect');
    expect(health.look({ ...silent, silence: late + 1_000 }, late + 1_000).state).toBe('suspect');
    expect(health.look({ ...silent, silence: late + 1_500 }, late + 1_500).state).toBe('dead');
  });

  it('is asked for after the network changed, has its time to be heard, and is not well before', () => {
    const health = new PathHealth({ isAcknowledged: false });
    health.look({ ...silent, silence: 0 }, 0);
    health.wake(1_400);
    expect(health.look({ ...silent, silence: 1_400 }, 1_400)).toMatchObject({ state: 'suspect', isToProbe: true });
    expect(health.look({ ...silent, silence: 2_800 }, 2_800)).toMatchObject({ state: 'suspect' });
    expect(health.look({ ...silent, silence: 2_900 }, 2_900).state).toBe('dead');
  });

  it('in which I publish is looked at every second, the other every two', () => {
    const look = (isAcknowledged: boolean) => new PathHealth({ isAcknowledged }).look({ ...silent, silence: 0 }, 0);
    expect([look(true).nextMs, look(false).nextMs]).toEqual([1_000, 2_000]);
  });
});
