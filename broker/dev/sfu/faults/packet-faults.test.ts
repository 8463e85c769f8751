import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { SyntheticCall } from '../load/synthetic-call.ts';
import type { SyntheticClient } from '../load/synthetic-client.ts';
import type { StreamPlan } from '../load/synthetic-stream.ts';
import { startSfu, type Sfu } from '../sfu.ts';
import { startBrowser, type BrowserClient, type TestBrowser } from '../testing/browser-client.ts';
import { FaultClient } from './fault-client.ts';
import { seededRandom } from './seeded-random.ts';

/** Faults in the network, measured by those they hit, over real ICE, DTLS and SRTP. */

const APP_ID = 'app';
const APP_TOKEN = 'fault-token';
const SEED = Number(process.env['SEED'] ?? 20_261);
/** What a machine with too much to do may lose of its own. */
const STARVED_SHARE = 0.02;
const CAMERA: StreamPlan = { kind: 'video', trackName: 'camera', bitsPerSecond: 4_000_000, framesPerSecond: 30 };

let sfu: Sfu;
let faults: FaultClient;
let call: SyntheticCall;
let publisher: SyntheticClient;
let subscriber: SyntheticClient;
let bystander: SyntheticClient;
let browser: TestBrowser;

beforeAll(async () => {
  console.log(`SEED=${SEED}`);
  sfu = await startSfu({ appId: APP_ID, appToken: APP_TOKEN, controlPort: 0, timings: { connectWaitMs: 400 } });
  faults = new FaultClient(sfu.controlUrl!);
  call = new SyntheticCall({ appUrl: `${sfu.url}/apps/${APP_ID}`, appToken: APP_TOKEN });
  publisher = await call.join([CAMERA]);
  subscriber = await pulling();
  bystander = await pulling();
  browser = await startBrowser();
});
afterEach(() => faults.clear());
afterAll(async () => {
  await browser?.close();
  call?.close();
  await sfu?.close();
});

const open = (): Promise<BrowserClient> => browser.open(`${sfu.url}/apps/${APP_ID}`, APP_TOKEN);

/** A client that receives the camera, once packets have come. */
async function pulling(): Promise<SyntheticClient> {
  // The SFU tells nobody of a first packet.
  await vi.waitFor(async () => expect((await summary(publisher)).packets.up.passed).toBeGreaterThan(0));
  const client = await call.join([]);
  await client.pull([{ sessionId: publisher.sessionId, trackName: 'camera' }]);
  await client.connected;
  await client.arrivals.atLeast(1);
  return client;
}

async function summary({ sessionId }: SyntheticClient) {
  const found = (await faults.sessions()).find((session) => session.sessionId === sessionId);
  if (!found) throw new Error('the session is gone');
  return found;
}

/** Resolves when so many packets more have come. */
function receives({ arrivals }: SyntheticClient, count: number): Promise<void> {
  arrivals.restart();
  return arrivals.atLeast(count);
}

/** How far a measured share may be from the real one: four times the deviation of `count` draws. */
function tolerance(share: number, count: number): number {
  return 4 * Math.sqrt((share * (1 - share)) / count);
}

describe('loss', { timeout: 20_000 }, () => {
  test.each([
    ['down', 0.1],
    ['down', 0.3],
    ['up', 0.2],
  ] as const)('%s takes a share of %d', async (direction, share) => {
    const { sessionId } = direction === 'down' ? subscriber : publisher;
    const other = direction === 'down' ? bystander : undefined;
    await faults.set({ type: 'loss', share, seed: SEED, sessionId, direction });
    other?.arrivals.restart();
    await receives(subscriber, 600);
    const { arrivals } = subscriber;
    expect(arrivals.lostShare).toBeGreaterThan(share - tolerance(share, 600));
    expect(arrivals.lostShare).toBeLessThan(share + tolerance(share, 600));
    if (other) expect(other.arrivals.lostShare).toBeLessThan(STARVED_SHARE);
    const [fault] = await faults.list();
    // The rest the machine itself lost.
    expect(fault!.hits).toBeGreaterThan(arrivals.lost * 0.8);
  });

  test('of everything is a silence, which ends with the fault', async () => {
    const { id } = await faults.set({ type: 'loss', share: 1, direction: 'down' });
    const losesMore = async () => {
      const { lost } = (await summary(subscriber)).packets.down;
      await expect.poll(async () => (await summary(subscriber)).packets.down.lost).toBeGreaterThan(lost + 50);
    };
    // What was on its way has to come first.
    await losesMore();
    for (const client of [subscriber, bystander]) client.arrivals.restart();
    await losesMore();
    expect([subscriber, bystander].map(({ arrivals, state }) => [arrivals.received, state])).toEqual([
      [0, 'connected'],
      [0, 'connected'],
    ]);
    await faults.clear(id);
    await receives(subscriber, 10);
  });

  test('is the same for the same seed', () => {
    const draws = (seed: number) => Array.from({ length: 20 }, seededRandom(seed));
    expect(draws(SEED)).toEqual(draws(SEED));
    expect(draws(SEED)).not.toEqual(draws(SEED + 1));
  });
});

describe('latency', { timeout: 20_000 }, () => {
  test('of each direction adds up, and keeps the order', async () => {
    // The fastest packet: a busy machine makes others late, none early.
    const least = async (client: SyntheticClient): Promise<number> => {
      // What was on its way before the fault has to pass first.
      await receives(client, 100);
      await receives(client, 200);
      expect(client.arrivals.reordered).toBe(0);
      expect(client.arrivals.lostShare).toBeLessThan(STARVED_SHARE);
      return Math.min(...client.arrivals.latencies);
    };
    // Against the stream: it adds nothing.
    await faults.set({ type: 'latency', ms: 400, sessionId: subscriber.sessionId, direction: 'up' });
    await faults.set({ type: 'latency', ms: 60, sessionId: publisher.sessionId, direction: 'up' });
    const up = await least(subscriber);
    await faults.set({ type: 'latency', ms: 120, sessionId: subscriber.sessionId, direction: 'down' });
    const both = await least(subscriber);
    const other = await least(bystander);
    console.log(`latency: up ${up.toFixed(1)} ms, up and down ${both.toFixed(1)} ms, bystander ${other.toFixed(1)} ms`);
    for (const measured of [up, other]) {
      expect(measured).toBeGreaterThanOrEqual(60);
      expect(measured).toBeLessThan(90);
    }
    expect(both).toBeGreaterThanOrEqual(180);
    expect(both).toBeLessThan(210);
  });
});

describe('blackout', { timeout: 30_000 }, () => {
  const watching = async () => {
    const client = await open();
    const sessionId = await client.session();
    const { tracks } = await client.do('pull', [{ sessionId: publisher.sessionId, trackName: 'camera' }]);
    await client.do('connected');
    return { client, sessionId, morePackets: (count: number) => client.do('morePackets', tracks[0]!.mid, count) };
  };

  test('of one session: its browser gets nothing more, ICE says so, and goes on when it is over', async () => {
    await faults.set({ type: 'relay' });
    const [dark, light] = [await watching(), await watching()];
    await dark.morePackets(20);
    const path = () => dark.client.do<{ packetsReceived: number; responsesReceived: number }>('path');

    const { id } = await faults.set({ type: 'blackout', sessionId: dark.sessionId });
    const noticedAfter = await dark.client.do<number>('iceBecomes', 'disconnected');
    console.log(`blackout: ICE noticed after ${noticedAfter.toFixed(0)} ms`);
    expect(await dark.client.do('state')).toBe('disconnected');
    const before = await path();
    expect(before.packetsReceived).toBeGreaterThan(0);
    await light.morePackets(100);
    // Neither media nor an answer to a check.
    expect(await path()).toEqual(before);
    expect(await light.client.do('state')).toBe('connected');
    const [relay, blackout] = await faults.list();
    expect(relay!.hits).toBe(2);
    expect(blackout!.hits).toBeGreaterThan(100);
    expect((await dark.client.do('onSession', 'GET', '')).status).toBe(200);

    await faults.clear(id);
    await dark.client.do('iceBecomes', 'connected');
    await dark.morePackets(50);
  });

  test('is refused for a session whose packets take the direct way, alone or among others', async () => {
    await faults.set({ type: 'relay' });
    const { sessionId, morePackets } = await watching();
    for (const fault of [{ sessionId: publisher.sessionId }, {}])
      await expect(faults.set({ type: 'blackout', ...fault })).rejects.toThrow('409');
    await morePackets(20);
    await expect(faults.set({ type: 'blackout', sessionId })).resolves.toMatchObject({ hits: 0 });
  });

  test('of all: a session that is opened in it does not connect, until it is over', async () => {
    const empty = await startSfu({ appId: APP_ID, appToken: APP_TOKEN, controlPort: 0 });
    const control = new FaultClient(empty.controlUrl!);
    await control.set({ type: 'blackout' });
    const client = await browser.open(`${empty.url}/apps/${APP_ID}`, APP_TOKEN);
    await client.session();
    await client.do('push', [{ name: 'camera', source: 'camera' }]);
    await expect.poll(async () => (await control.list())[0]!.hits).toBeGreaterThan(5);
    expect(await client.do('state')).toBe('connecting');
    await control.clear();
    await client.do('connected');
    await empty.close();
  });
});

describe('kill', { timeout: 30_000 }, () => {
  test("a publisher's transport: a browser gets no packet more, and says that it is connected", async () => {
    const [sender, receiver] = [await open(), await open()];
    const sessionId = await sender.session();
    await sender.do('push', [{ name: 'camera', source: 'camera' }]);
    await sender.do('connected');
    await sender.do('flowing');
    await receiver.session();
    const { tracks } = await receiver.do('pull', [{ sessionId, trackName: 'camera' }]);
    const { mid } = tracks[0]!;
    await receiver.do('play', mid);
    await receiver.do('moreFrames', mid, 5);

    expect(await faults.kill(sessionId)).toBe(1);
    await receiver.do('silent', mid, 700);
    expect([await sender.do('state'), await receiver.do('state')]).toEqual(['connected', 'connected']);
    expect((await sender.do('onSession', 'GET', '')).status).toBe(410);
    expect((await receiver.do('onSession', 'GET', '')).status).toBe(200);
    const late = await receiver.do('pull', [{ sessionId, trackName: 'camera' }]);
    expect(late.tracks).toMatchObject([{ errorCode: 'not_found_track_error' }]);
  });

  test('ends messages on data channels too', async () => {
    const established = async () => {
      const client = await open();
      const sessionId = await client.session();
      await client.do('establish', { withOffer: true });
      await client.do('dataConnected');
      return { client, sessionId };
    };
    const [speaker, deaf, listener] = [await established(), await established(), await established()];
    await speaker.client.do('openChannels', [{ location: 'local', dataChannelName: 'chat' }]);
    await speaker.client.do('channelOpen', 'chat');
    for (const { client } of [deaf, listener]) {
      const { sessionId } = speaker;
      await client.do('openChannels', [{ location: 'remote', sessionId, dataChannelName: 'chat' }]);
      await client.do('channelOpen', 'chat');
    }
    await speaker.client.do('say', 'chat', 'before');
    await deaf.client.do('heard', 'chat', 1);
    await faults.kill(deaf.sessionId);
    await speaker.client.do('say', 'chat', 'after');
    expect(await listener.client.do('heard', 'chat', 2)).toEqual(['before', 'after']);
    expect(await deaf.client.do('heard', 'chat', 1)).toEqual(['before']);
    expect(await deaf.client.do('state')).toBe('connected');

    await faults.kill(speaker.sessionId);
    await speaker.client.do('say', 'chat', 'to nobody');
    // Long enough for what a page says to come: the answer to a call of its own takes as long.
    expect((await speaker.client.do('onSession', 'GET', '')).status).toBe(410);
    expect(await listener.client.do('heard', 'chat', 2)).toEqual(['before', 'after']);
  });

  test("a subscriber's transport leaves the others alone", async () => {
    await faults.kill(subscriber.sessionId);
    await receives(bystander, 50);
    subscriber.arrivals.restart();
    await receives(bystander, 100);
    expect(subscriber).toMatchObject({ state: 'connected', arrivals: { received: 0 } });
    expect((await summary(subscriber)).state).toBe('lost');
    expect((await summary(publisher)).state).toBe('connected');
  });
});
