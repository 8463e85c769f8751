import { env } from 'cloudflare:workers';
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  nat,
  oneof,
  record,
  type Arbitrary,
} from 'fast-check';
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest';
import type { ServerMessage } from '#protocol';
import { cleanUp, evictBetweenSteps, room } from '../testing/client.ts';
import { FakeSfu, failed } from '../testing/fake-sfu.ts';
import { LiveClient } from '../testing/live-client.ts';
import { storedState } from '../testing/stored-state.ts';
import { openMids } from './sessions.ts';
import { toParticipant, type Seat } from './seat.ts';
import type { Closing } from './closings.ts';

const CLIENTS = 5;
/** Longer than most moments. */
const SLOW_MS = 15;
const RUNS = inject('modelSeeds');

let sfu: FakeSfu;
beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.useFakeTimers({ toFake: ['Date'] });
  evictBetweenSteps(false);
});
afterEach(() => {
  evictBetweenSteps(true);
  vi.useRealTimers();
});

const client = nat(CLIENTS - 1);
const act = <T extends string, M extends object>(
  weight: number,
  type: T,
  more: { [K in keyof M]: Arbitrary<M[K]> },
): { weight: number; arbitrary: Arbitrary<{ type: T } & M> } => ({
  weight,
  arbitrary: record({ type: constant(type), ...more }) as unknown as Arbitrary<{ type: T } & M>,
});

/** What can happen to a call. The numbers say how often, against the others. */
const action = oneof(
  act(8, 'join', { client }),
  act(12, 'connect', { client }),
  act(5, 'drop', { client }),
  act(3, 'evict', { isCut: boolean() }),
  act(1, 'abort', {}),
  act(4, 'pass', { ms: constantFrom(1_000, 3_000, 4_000, 26_000) }),
  act(3, 'sfuFails', { call: constantFrom('tracks/new', 'tracks/close', 'sessions/new') }),
  act(8, 'sfuIsSlow', { call: constantFrom('tracks/new', 'sessions/new') }),
  act(2, 'sfuLoses', { call: constantFrom('tracks/new', 'tracks/close') }),
  act(3, 'vanish', { client }),
  act(3, 'leave', { client, mayReturn: boolean() }),
  act(2, 'remove', { client, other: client }),
  act(4, 'mute', { client, other: client }),
  act(8, 'chat', { client }),
  act(5, 'hand', { client, raised: boolean() }),
  act(3, 'lock', { client, locked: boolean() }),
  act(3, 'grant', { client, other: client, audio: boolean() }),
);
type Action = typeof action extends Arbitrary<infer T> ? T : never;

/** What happens at the same moment, and how long nothing happens then. */
const moment = record({
  actions: array(action, { minLength: 1, maxLength: 4, size: 'max' }),
  pause: constantFrom(0, 0, 1, 3),
});

/** A call of the real object, with clients around it, and what is wrong with it so far. */
class LiveCall {
  readonly faults: string[] = [];
  readonly clients = Array.from({ length: CLIENTS }, (_, index) => {
    return new LiveClient(`sub-${index}`, (message) => this.#watch(message));
  });
  /** What was said of each revision. */
  readonly #changes = new Map<string, string>();
  #keys = 0;

  async take(action: Action): Promise<void> {
    const who = 'client' in action ? this.clients[action.client]! : this.clients[0]!;
    const id = 'other' in action ? (this.clients[action.other]!.seat?.self.id ?? 'nobody') : '';
    switch (action.type) {
      case 'join':
        return who.join();
      case 'connect':
        return who.connect();
      case 'drop':
        return who.drop();
      case 'evict':
        return evict(action.isCut ? 'close' : 'hibernate');
      case 'abort':
        return abort();
      case 'pass':
        return pass(action.ms);
      case 'sfuFails':
        return sfu.once(action.call, () => failed(503, 'backend_error'));
      case 'sfuIsSlow': {
        const { release } = sfu.hold(action.call);
        return void scheduler.wait(SLOW_MS).then(release);
      }
      case 'sfuLoses':
        return sfu.lose(action.call);
      case 'vanish':
        return who.vanish();
      case 'leave':
        return who.leave(action.mayReturn);
      case 'remove':
        return who.say({ type: 'remove', id });
      case 'mute':
        return who.say({ type: 'mute', id, source: 'microphone' });
      case 'chat':
        return who.say({ type: 'chat', key: `k${(this.#keys += 1)}`, text: 'hello' });
      case 'hand':
        return who.say({ type: 'hand', raised: action.raised });
      case 'lock':
        return who.say({ type: 'lock', locked: action.locked });
      case 'grant': {
        const grants = { publish: action.audio ? ['audio' as const] : [], subscribe: true, chat: true, moderate: true };
        return who.say({ type: 'grant', id, grants });
      }
    }
  }

  /** Everything works again, whoever has a seat comes back, and all that is due is done. */
  async settle(): Promise<void> {
    sfu.forgetFaults();
    await pass(4_000);
    for (let quiet = 0, rounds = 0; quiet < 3; rounds += 1) {
      if (rounds > 500) throw new Error(`it does not come to rest: ${JSON.stringify(await this.differences())}`);
      for (const client of this.clients) await client.connect();
      quiet = (await this.differences()).length === 0 ? quiet + 1 : 0;
      await scheduler.wait(2);
    }
  }

  /** Where somebody who is in the call has it otherwise than it was saved. */
  async differences(): Promise<string[]> {
    const state = await storedState(room());
    const seats = [...(state?.seats.values() ?? [])];
    const { epoch, rev, call } = state ?? { epoch: '', rev: 0, call: { locked: false } };
    const whole = JSON.stringify([epoch, rev, call.locked, seats.map(toParticipant)]);
    return this.clients.flatMap(({ sub, seat, isConnected, replica }) => {
      if (!seat) return [];
      const own = seats.find(({ id }) => id === seat.self.id);
      if (!own || !isConnected) return [`${sub} is not connected`];
      const mine = JSON.stringify([replica.epoch, replica.rev, replica.locked, replica.participants]);
      const missed = [...state!.chat.keys()].filter(
        (seq) => Number(seq) > own.chatFrom && !replica.chat.has(Number(seq)),
      );
      return [
        ...(mine === whole ? [] : [`${sub} has ${mine}, not ${whole}`]),
        ...missed.map((seq) => `${sub} has missed ${seq}`),
      ];
    });
  }

  /** The same is said to everybody of the same revision. */
  #watch(message: ServerMessage): void {
    if (message.type !== 'change') return;
    const [revision, text] = [`${message.epoch}/${message.rev}`, JSON.stringify(message.change)];
    const known = this.#changes.get(revision) ?? text;
    this.#changes.set(revision, known);
    if (known !== text) this.faults.push(`${revision} is ${known}, and ${text}`);
  }
}

const stub = () => env.ROOMS.getByName(room());

/** One at a time: the runtime does not survive two. */
let ending = Promise.resolve();

function evict(webSockets: 'close' | 'hibernate'): Promise<void> {
  return (ending = ending.then(() => endMemory(webSockets)));
}

async function endMemory(webSockets: 'close' | 'hibernate'): Promise<void> {
  try {
    await evictDurableObject(stub(), { webSockets });
  } catch {
    // It was not running.
  }
}

/** Ends the object in the middle of whatever it does, and its sockets with it. */
async function abort(): Promise<void> {
  try {
    await runInDurableObject(stub(), (_object, state) => state.abort('as a deploy does'));
  } catch {
    // That is what it is for.
  }
}

async function pass(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  try {
    await runDurableObjectAlarm(stub());
  } catch {
    // It was ended meanwhile; the platform would let the alarm ring again.
    await runDurableObjectAlarm(stub());
  }
}

/** Waits until nobody is in the room, and nothing is left to close. */
async function emptied(): Promise<void> {
  for (let rounds = 0; ; rounds += 1) {
    const { seats, closings } = (await storedState(room())) ?? {};
    if (!seats?.size && !closings?.size) return;
    if (rounds > 500) throw new Error('the room does not end');
    await scheduler.wait(1);
    await pass(1_000);
  }
}

/** What is open at the SFU though nobody has it, and nothing is going to close it. */
async function leaks(): Promise<string[]> {
  const state = await storedState(room());
  const held = [...(state?.seats.values() ?? [])].flatMap(({ sessions }: Seat) => sessions);
  const known = new Set(held.flatMap((session) => openMids(session).map((mid) => `${session.sfuId}/${mid}`)));
  const closing = [...(state?.closings.values() ?? [])].map(({ sfuId }: Closing) => sfuId);
  return sfu.open.filter((section) => !known.has(section) && !closing.includes(section.split('/')[0]!));
}

it(`RM2 RM13 HS5 HS11 SF11 CH4 five clients with sockets agree in the end, whatever happens to them and to the object (${RUNS} seeds)`, async () => {
  let there = 0;
  await assert(
    asyncProperty(array(moment, { minLength: 10, maxLength: 40, size: 'max' }), async (moments) => {
      sfu = FakeSfu.install();
      const call = new LiveCall();
      for (const client of call.clients) await client.join().then(() => client.connect());
      for (const { actions, pause } of moments) {
        await Promise.all(actions.map((each) => call.take(each)));
        if (pause > 0) await scheduler.wait(pause);
      }
      await call.settle();
      const { seats, waiting } = (await storedState(room())) ?? {
        seats: new Map<string, Seat>(),
        waiting: new Map<string, Seat>(),
      };
      const subs = [...seats.values(), ...waiting.values()].map(({ sub }) => sub);
      expect([call.faults, subs.length - new Set(subs).size]).toEqual([[], 0]);
      expect(await leaks()).toEqual([]);
      for (const client of call.clients) client.leave(false);
      await emptied();
      expect(sfu.open).toEqual([]);
      there += seats.size;
      cleanUp();
    }),
    // What fails is printed with its seed. It is not cut to fewer steps: that takes longer than anybody waits.
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(there).toBeGreaterThan(2 * RUNS);
}, 600_000);
