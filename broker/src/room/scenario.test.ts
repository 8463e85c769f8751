import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CAMERA, MICROPHONE, Member, cleanUp, evictBetweenSteps, room, step } from '../testing/client.ts';
import { FakeSfu } from '../testing/fake-sfu.ts';

beforeEach(() => {
  FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(async () => {
  evictBetweenSteps(true);
  await cleanUp();
});

/** Who is in the call at a step of it. */
type Call = Map<string, Member>;
/** What everybody has to see after a step: who is there, in order, with what is muted and whose hand is up. */
type Expected = readonly string[];
type Step = [what: string, run: (call: Call) => Promise<unknown>, expected: Expected];

const host = { role: 'host', name: 'Ann' };
const live = (call: Call, sub: string, claims: object) =>
  Member.live({ sub, ...claims }).then((member) => call.set(sub, member));

const SCENARIO: readonly Step[] = [
  ['a host comes', (call) => live(call, 'ann', host), ['Ann microphone camera']],
  ['a guest comes', (call) => live(call, 'bob', { name: 'Bob' }), ['Ann microphone camera', 'Bob microphone camera']],
  [
    'the guest raises a hand',
    (call) => call.get('bob')!.say({ type: 'hand', raised: true }),
    ['Ann microphone camera', 'Bob microphone camera, hand'],
  ],
  [
    'the host mutes the guest',
    (call) => call.get('ann')!.say({ type: 'mute', id: call.get('bob')!.id, source: 'microphone' }),
    ['Ann microphone camera', 'Bob (microphone) camera, hand'],
  ],
  [
    'the guest is heard again',
    (call) => {
      const bob = call.get('bob')!;
      return bob.say({ type: 'tracks', sessionId: bob.publishSession, tracks: [MICROPHONE] });
    },
    ['Ann microphone camera', 'Bob microphone, hand'],
  ],
  [
    'the room is locked, and the guest comes back in a new page',
    async (call) => {
      await call.get('ann')!.say({ type: 'lock', locked: true });
      await live(call, 'bob', { name: 'Bob' });
    },
    ['Ann microphone camera', 'Bob microphone camera, hand'],
  ],
  [
    'the host takes away the camera',
    (call) =>
      call.get('ann')!.say({
        type: 'grant',
        id: call.get('bob')!.id,
        grants: { publish: ['audio'], subscribe: true, chat: true, moderate: false },
      }),
    ['Ann microphone camera', 'Bob microphone, hand'],
  ],
  [
    'the guest is removed',
    async (call) => {
      await call.get('ann')!.say({ type: 'remove', id: call.get('bob')!.id });
      expect(await call.get('bob')!.closed).toBe(4403);
      call.delete('bob');
    },
    ['Ann microphone camera'],
  ],
  [
    'the host says nothing more',
    (call) => call.get('ann')!.say({ type: 'tracks', sessionId: call.get('ann')!.publishSession, tracks: [CAMERA] }),
    ['Ann camera'],
  ],
];

/** What happens between two steps. */
const MODES: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  'nothing between its steps': () => Promise.resolve(),
  'the object evicted between its steps': () => step(),
  'its sockets cut between its steps': async (call) => {
    const closed = [...call.values()].map((member) => member.closed);
    await step(room(), { webSockets: 'close' });
    expect(new Set(await Promise.all(closed))).toEqual(new Set([1006]));
    for (const member of call.values()) await member.reconnect();
  },
};

describe.each(Object.entries(MODES))('a call with %s', (mode, disturb) => {
  it(
    'RM2 RM13 HS5 MO2 MO4 MO7 ends as it would have, and everybody sees the same at every step',
    { timeout: 30_000 },
    async () => {
      evictBetweenSteps(!mode.startsWith('nothing'));
      const call: Call = new Map();
      for (const [what, run, expected] of SCENARIO) {
        await run(call);
        await disturb(call);
        for (const member of call.values()) {
          // An answer to an earlier hello may still be on its way: the last word counts.
          await vi.waitFor(async () => {
            member.inbox.length = 0;
            await member.say({ type: 'hello', protocol: 1, epoch: '', rev: 0 });
            const { participants } = await member.next('roster', undefined);
            const seen = participants.map(({ name, presence, tracks, hand }) => {
              const sources = tracks.map(({ source, muted }) => (muted ? `(${source})` : source));
              return `${[name, ...sources].join(' ')}${hand ? ', hand' : ''}${presence === 'away' ? ', away' : ''}`;
            });
            expect({ what, seen }).toEqual({ what, seen: expected });
          });
        }
      }
    },
  );
});
