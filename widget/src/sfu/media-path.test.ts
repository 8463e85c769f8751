import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { MediaPath, type Leg } from './media-path.ts';
import type { SfuSession, TransportState } from './sfu-session.ts';

/** A connection in a test's hands. */
class FakeLeg implements Leg {
  transport: TransportState = 'new';
  isClosed = false;
  readonly session = this as unknown as SfuSession;

  close(): void {
    this.isClosed = true;
  }
}

const DEAD = new Error('dead');
const FIRST_TRY_MS = 4_000;
const TRY_MS = 8_000;
const FOLLOW_MS = 4_000;

let clock: FakeClock;
let legs: FakeLeg[];
let isReady: boolean;
/** Whether a new one can be begun. */
let begins: () => Promise<void>;
let path: MediaPath<FakeLeg>;

beforeEach(() => {
  clock = new FakeClock();
  legs = [];
  isReady = false;
  begins = () => Promise.resolve();
  path = new MediaPath<FakeLeg>({
    clock,
    random: () => 0,
    create: () => {
      legs.push(new FakeLeg());
      return legs.at(-1)!;
    },
    begin: () => begins(),
    isReady: () => isReady,
    onReplaced: () => {},
    discard: (leg) => leg.close(),
    onChanged: () => {},
    onGivenUp: () => {},
    isHopeless: () => false,
  });
});

function become(leg: FakeLeg, transport: TransportState): void {
  leg.transport = transport;
  path.hearTransport(leg.session);
}

describe('a path that is dead', () => {
  it('is tried anew beside the old one, which goes once the new one is ready', async () => {
    path.break(path.current, DEAD, true);
    await clock.advance(0);
    expect(legs.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    isReady = true;
    path.check();
    expect(path.current).toBe(legs[1]);
    expect(legs.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(path.state).toBe('steady');
  });

  it('and comes back first keeps its place', async () => {
    path.break(path.current, DEAD, true);
    await clock.advance(0);
    path.mend();
    expect(path.state).toBe('steady');
    expect(legs.map(({ isClosed }) => isClosed)).toEqual([false, true]);
  });

  it('and turns out to be of no use at all does not, whether that is known before a try, in it or between two', async () => {
    const [old] = legs;
    for (const moment of ['before', 'in', 'between'] as const) {
      path.break(path.current, DEAD, true);
      if (moment !== 'before') await clock.advance(1);
      if (moment === 'between') await clock.advance(FIRST_TRY_MS - 1);
      path.break(path.current, DEAD);
      await clock.advance(7_000);
      path.mend();
      expect(path.state, moment).toBe('replacing');
      isReady = true;
      path.check();
      expect(path.current, moment).not.toBe(old);
      isReady = false;
      await clock.advance(10_000);
    }
  });

  it('is tried for 4 s first, and then for 8 s each: the first may hang on what was there before', async () => {
    begins = () => new Promise(() => {});
    path.break(path.current, DEAD);
    await clock.advance(FIRST_TRY_MS - 1);
    expect(legs[1]!.isClosed).toBe(false);
    await clock.advance(1);
    expect(legs[1]!.isClosed).toBe(true);
    await clock.advance(300);
    expect(legs).toHaveLength(3);
    await clock.advance(TRY_MS - 1);
    expect(legs[2]!.isClosed).toBe(false);
    await clock.advance(1);
    expect(legs[2]!.isClosed).toBe(true);
  });

  it('is replaced by what has connected and carries not all 4 s later', async () => {
    path.break(path.current, DEAD);
    await clock.advance(0);
    become(legs[1]!, 'connected');
    await clock.advance(FOLLOW_MS - 1);
    expect(path.current).toBe(legs[0]);
    await clock.advance(1);
    expect(path.current).toBe(legs[1]);
  });
});

describe('a network that is back', () => {
  it('ends all waiting, and a try of before that has not connected; signs of it come several at once', async () => {
    path.break(path.current, DEAD);
    await clock.advance(2_000);
    path.hurry();
    path.hurry();
    await settle();
    expect(legs.map(({ isClosed }) => isClosed)).toEqual([false, true, false]);
    become(legs[2]!, 'connected');
    await clock.advance(2_000);
    path.hurry();
    expect(legs).toHaveLength(3);
  });
});
