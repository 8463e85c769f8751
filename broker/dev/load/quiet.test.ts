import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { BareBroker } from './bare-broker.ts';
import type { RawSocket } from './raw-socket.ts';

let broker: BareBroker;
beforeAll(async () => {
  broker = await BareBroker.start(join(import.meta.dirname, 'counting-worker.mjs'));
});
afterAll(() => broker.stop());

/** The runtime puts a room to sleep that has had nothing to do for 10 s. */
const SLEEPS_MS = 11_000;
const WAIT = { timeout: 5_000, interval: 5 };

/** How often a room has come to life so far. */
const lives = async () => (await (await fetch(`${broker.url}/lives`)).json()) as number;
const heard = ({ texts }: RawSocket, type: string) => texts.filter((text) => text.includes(`"type":"${type}"`)).length;

it(
  'HS12 RM13 SF11 a quiet room sleeps, its sockets and pings and a call at the SFU that hangs notwithstanding',
  { timeout: 40_000 },
  async () => {
    const room = 'quiet';
    const { memberSecret, ticket } = await broker.join(room, 'ann');
    const ann = await broker.socket(room, ticket);
    ann.say({ type: 'hello', protocol: 1, epoch: '', rev: 0 });
    const bob = await broker.enter(room, 'bob');
    await vi.waitUntil(() => heard(ann, 'roster') > 0 && heard(bob, 'current') + heard(bob, 'roster') > 0, WAIT);

    // The SFU is asked for a session, and says nothing.
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    broker.sfu.before = () => (reached.resolve(), released.promise);
    let isAnswered = false;
    const hanging = broker.post(`/rooms/${room}/sessions/new`, memberSecret).finally(() => (isAnswered = true));
    await reached.promise;

    const [before, pongs] = [await lives(), heard(ann, 'pong')];
    for (let passed = 0; passed < SLEEPS_MS; passed += 1_000) {
      for (const socket of [ann, bob]) socket.send('text', Buffer.from('ping'));
      await wait(1_000);
    }
    expect([await lives(), isAnswered, pongs]).toEqual([before, false, 0]);
    expect(ann.texts.filter((text) => text === 'pong').length).toBeGreaterThan(9);

    // It had forgotten everything, and nobody notices.
    bob.say({ type: 'chat', key: 'k', text: 'still there?' });
    await vi.waitUntil(() => heard(ann, 'chat') === 1, WAIT);
    expect([await lives(), isAnswered]).toEqual([before + 1, false]);
    released.resolve();
    expect((await hanging).status).toBe(201);
    expect(await lives()).toBe(before + 1);
  },
);
