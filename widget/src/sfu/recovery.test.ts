import { describe, expect, it } from 'vitest';
import { BrokerError } from '../call/ports.ts';
import { EngineScene, wanted } from '../testing/engine-scene.ts';
import type { FakePeerConnection } from '../testing/fake-peer-connection.ts';

const GONE = new BrokerError(410, 'session_error', '');

/** In a call with somebody's microphone and camera. */
async function joined(): Promise<EngineScene> {
  const scene = new EngineScene();
  await scene.join(scene.live(wanted('microphone-1', 'microphone'), wanted('camera-1')));
  await scene.clock.advance(3_000);
  expect([...scene.states.values()]).toEqual(['playing', 'playing']);
  return scene;
}

/** Milliseconds until a new connection plays what the old one did, in steps of 100. */
async function timeUntil(scene: EngineScene, isTrue: () => boolean, longest = 30_000): Promise<number> {
  let passed = 0;
  while (!isTrue() && passed < longest) {
    await scene.clock.advance(100);
    passed += 100;
  }
  return passed;
}

const newSessions = (scene: EngineScene, from = 0) =>
  scene.sfu.calls.slice(from).filter(({ operation }) => operation === 'newSession').length;
const isClosed = (peer: FakePeerConnection) => peer.connectionState === 'closed';

describe('a receiving connection', () => {
  it('whose session has ended without a word is replaced within three seconds', async () => {
    const scene = await joined();
    const old = scene.receiving;
    scene.sfu.kill(scene.sfu.sessionOf(old));
    const time = await timeUntil(scene, () => isClosed(old));
    expect(time).toBeLessThanOrEqual(3_000);
    expect(time).toBeGreaterThan(1_400);
    expect([...scene.receiving.incoming.values()]).toHaveLength(2);
    expect([...scene.states.values()]).toEqual(['playing', 'playing']);
    expect(scene.connections.slice(-2)).toEqual(['reconnecting', 'connected']);
    expect(scene.open).toHaveLength(2);
  });

  it('is replaced only once the new one plays the same, and told as playing all the while', async () => {
    const scene = await joined();
    const old = scene.receiving;
    scene.sfu.kill(scene.sfu.sessionOf(old));
    const from = scene.events.length;
    await timeUntil(scene, () => scene.receiving.incoming.size > 0 && scene.receiving !== old);
    expect(isClosed(old)).toBe(false);
    await timeUntil(scene, () => isClosed(old));
    const told = scene.events.slice(from).flatMap((event) => (event.type === 'track' ? [event.state?.status] : []));
    expect(new Set(told)).toEqual(new Set(['playing']));
  });

  it('on a path that is dark is replaced after some three seconds, without a word from the browser', async () => {
    const scene = await joined();
    const old = scene.receiving;
    old.path = 'dark';
    const time = await timeUntil(scene, () => scene.peers.length > 2);
    expect(time).toBeGreaterThan(2_500);
    expect(time).toBeLessThanOrEqual(4_000);
    await timeUntil(scene, () => isClosed(old));
    expect(scene.open).toHaveLength(2);
  });

  it('that is dark together with the other is replaced within three seconds', async () => {
    const scene = await joined();
    const old = scene.receiving;
    for (const peer of scene.open) peer.path = 'dark';
    const time = await timeUntil(scene, () => isClosed(old));
    expect(time).toBeGreaterThan(1_400);
    expect(time).toBeLessThanOrEqual(3_000);
    expect(scene.open).toHaveLength(3);
    await scene.clock.advance(3_100);
    expect(scene.open).toHaveLength(2);
  });

  it('is replaced where its address changes and the SFU goes on to send to the old one', async () => {
    const scene = await joined();
    const old = scene.receiving;
    old.path = 'moved';
    const time = await timeUntil(scene, () => isClosed(old));
    expect(time).toBeGreaterThan(1_400);
    expect(time).toBeLessThanOrEqual(3_000);
    expect([...scene.states.values()]).toEqual(['playing', 'playing']);
  });

  it('that is dark for a moment is kept', async () => {
    const scene = await joined();
    for (let turn = 0; turn < 5; turn++) {
      scene.receiving.path = 'dark';
      await scene.clock.advance(1_500);
      scene.receiving.path = 'open';
      await scene.clock.advance(4_000);
    }
    expect(scene.peers).toHaveLength(2);
    expect(scene.connections).toEqual(['connecting', 'connected']);
  });

  it('is kept where one person falls silent on a path that answers', async () => {
    const scene = await joined();
    const from = scene.sfu.calls.length;
    scene.receiving.path = 'mute';
    await scene.clock.advance(60_000);
    expect(scene.peers).toHaveLength(2);
    expect(scene.connections).toEqual(['connecting', 'connected']);
    // It was asked for once, and is known.
    expect(scene.sfu.calls.slice(from).map(({ operation }) => operation)).toEqual(['getSession']);
  });

  it('is replaced where several people fall silent at once, whatever else is said of it', async () => {
    const scene = new EngineScene();
    await scene.join(scene.live(wanted('microphone-1', 'microphone'), wanted('microphone-2', 'microphone')));
    await scene.clock.advance(3_000);
    const old = scene.receiving;
    old.path = 'mute';
    expect(await timeUntil(scene, () => isClosed(old))).toBeLessThanOrEqual(5_000);
  });

  it('keeps its place where it comes back before the new one is ready', async () => {
    const scene = await joined();
    const old = scene.receiving;
    scene.connects = false;
    old.path = 'dark';
    await scene.clock.advance(5_000);
    expect(scene.open).toHaveLength(3);
    old.path = 'open';
    await scene.clock.advance(2_000);
    expect(scene.open).toHaveLength(2);
    expect(isClosed(old)).toBe(false);
    expect(scene.connections.slice(-2)).toEqual(['reconnecting', 'connected']);
  });

  it('that is gone is replaced though its path is alive', async () => {
    const scene = await joined();
    const old = scene.receiving;
    scene.sfu.nextFailures.push(GONE);
    scene.engine.want(scene.live(wanted('microphone-1', 'microphone'), wanted('camera-1'), wanted('camera-2')));
    await scene.clock.advance(2_000);
    expect(isClosed(old)).toBe(true);
    expect([...scene.states.values()]).toEqual(['playing', 'playing', 'playing']);
  });

  it('does not wait for a track that its publisher has stopped sending', async () => {
    const scene = await joined();
    const old = scene.receiving;
    scene.sfu.live.delete(`${'a'.repeat(32)}/camera-1`);
    scene.sfu.kill(scene.sfu.sessionOf(old));
    expect(await timeUntil(scene, () => isClosed(old))).toBeLessThanOrEqual(3_500);
  });

  it('after a late answer holds nothing at the SFU but what is in use', async () => {
    const scene = await joined();
    const old = scene.receiving;
    old.path = 'dark';
    scene.sfu.latency = () => (scene.sfu.calls.at(-1)?.operation === 'newTracks' ? 6_000 : 20);
    await timeUntil(scene, () => scene.peers.length > 2);
    await scene.clock.advance(3_000);
    old.path = 'open';
    await scene.clock.advance(10_000);
    expect(isClosed(old)).toBe(false);
    expect(scene.open).toHaveLength(2);
    // It never connected, so that the SFU refuses to close anything in it, and forgets it by itself.
    const late = scene.sfu.calls.filter(({ operation }) => operation === 'newTracks').at(-1)!;
    const closes = scene.sfu.calls.filter(({ operation }) => operation === 'closeTracks');
    expect(closes.map(({ sessionId }) => sessionId)).toEqual([late.sessionId]);
  });
});

describe('a publishing connection', () => {
  it('whose session has ended without a word is replaced, and announced once, whole', async () => {
    const scene = await joined();
    scene.media.setMuted(true);
    const old = scene.publishing;
    const before = scene.announcedSession;
    const from = scene.events.length;
    scene.sfu.kill(scene.sfu.sessionOf(old));
    const time = await timeUntil(scene, () => scene.announcedSession !== before);
    expect(time).toBeLessThanOrEqual(3_000);
    const announced = scene.events.slice(from).filter((event) => event.type === 'flowing');
    expect(announced).toHaveLength(1);
    expect(scene.flowing).toEqual(['microphone muted', 'camera']);
    // Others watch the old one until they have heard of the new.
    expect(isClosed(old)).toBe(false);
    await scene.clock.advance(3_100);
    expect(isClosed(old)).toBe(true);
  });

  it('takes a shared screen along', async () => {
    const scene = await joined();
    scene.media.set('screen', { kind: 'video', enabled: true } as MediaStreamTrack);
    await scene.clock.advance(500);
    scene.publishing.become('failed');
    await scene.clock.advance(2_000);
    expect(scene.flowing).toEqual(['microphone', 'camera', 'screen']);
    scene.media.set('screen', undefined);
    await scene.clock.advance(2_000);
    expect(scene.flowing).toEqual(['microphone', 'camera']);
    expect(scene.failures).toEqual([]);
  });

  it('follows what is muted meanwhile', async () => {
    const scene = await joined();
    const before = scene.announcedSession;
    scene.publishing.become('failed');
    await scene.clock.advance(10);
    scene.media.setMuted(true);
    expect(scene.flowing).toEqual(['microphone muted', 'camera']);
    await timeUntil(scene, () => scene.announcedSession !== before);
    expect(scene.flowing).toEqual(['microphone muted', 'camera']);
  });

  it('is given back at the SFU where it can be', async () => {
    const scene = await joined();
    const old = scene.sfu.sessionOf(scene.publishing);
    scene.publishing.path = 'mute';
    await scene.clock.advance(8_000);
    expect(scene.sfu.held().has(old)).toBe(false);
    expect(scene.sfu.held().size).toBe(2);
  });
});

describe('trying again', () => {
  it('waits longer each time, and stops after ten tries until somebody says so', async () => {
    const scene = await joined();
    const from = scene.sfu.calls.length;
    const old = scene.receiving;
    scene.sfu.nextFailures.push(...Array.from({ length: 60 }, () => GONE));
    await scene.want(scene.live(wanted('microphone-1', 'microphone'), wanted('camera-2')), 120_000);
    expect(newSessions(scene, from)).toBe(10);
    expect(scene.connections.at(-1)).toBe('failed');
    expect(scene.failures).toEqual([]);
    // What is left of the old one is not taken away.
    expect(isClosed(old)).toBe(false);
    scene.sfu.nextFailures.length = 0;
    scene.engine.wake();
    await scene.clock.advance(2_000);
    expect(scene.connections.at(-1)).toBe('connected');
    expect([...scene.states.values()]).toEqual(['playing', 'playing']);
  });

  it('does so at once when the network is back', async () => {
    const scene = await joined();
    scene.connects = false;
    for (const peer of scene.open) peer.path = 'dark';
    await scene.clock.advance(45_000);
    scene.connects = true;
    const before = scene.peers.length;
    scene.engine.wake();
    await scene.clock.advance(1_500);
    expect(scene.peers.length).toBeGreaterThan(before);
    expect(scene.connections.at(-1)).toBe('connected');
  });

  it('ends at once where the seat is no longer good', async () => {
    const scene = await joined();
    scene.publishing.become('failed');
    scene.sfu.nextFailures.push(new BrokerError(401, 'unauthorized', ''));
    await scene.clock.advance(20_000);
    expect(scene.failures).toEqual(['sfu-refused']);
  });

  it.each([
    ['an answer that is lost', 'lost'],
    ['no answer in time', new BrokerError(504, 'sfu_timeout', '')],
    ['operations that overlap', new BrokerError(406, 'invalid_session_description', '')],
  ] as const)('is what follows %s', async (_, failure) => {
    const scene = await joined();
    const from = scene.sfu.calls.length;
    scene.sfu.nextFailures.push(failure);
    const all = scene.live(wanted('microphone-1', 'microphone'), wanted('camera-1'), wanted('camera-2'));
    await scene.want(all, 3_000);
    expect([...scene.receiving.incoming.values()].sort()).toEqual(
      all.map(({ sessionId, trackName }) => `${sessionId}/${trackName}`).sort(),
    );
    expect(newSessions(scene, from)).toBe(1);
    expect(scene.failures).toEqual([]);
  });

  it('makes no new session for a burst of failures that pass', async () => {
    const scene = await joined();
    const from = scene.sfu.calls.length;
    scene.sfu.nextFailures.push(...[500, 502, 503, 429, 425].map((status) => new BrokerError(status, 'x', '')));
    await scene.want(scene.live(wanted('microphone-1', 'microphone'), wanted('camera-1'), wanted('camera-2')), 20_000);
    expect(newSessions(scene, from)).toBe(0);
    expect([...scene.states.values()]).toEqual(['playing', 'playing', 'playing']);
  });
});

describe('after a sleep', () => {
  it('the SFU is asked about both sessions, and what it still knows is kept', async () => {
    const scene = await joined();
    const from = scene.sfu.calls.length;
    await scene.clock.sleep(10_000);
    await scene.clock.advance(3_000);
    expect(scene.sfu.calls.slice(from).map(({ operation }) => operation)).toEqual(['getSession', 'getSession']);
    expect(scene.peers).toHaveLength(2);
  });

  it('what it forgot meanwhile is made anew at once', async () => {
    const scene = await joined();
    const [publishing, receiving] = [scene.publishing, scene.receiving];
    for (const peer of [publishing, receiving]) scene.sfu.kill(scene.sfu.sessionOf(peer));
    await scene.clock.sleep(40_000);
    expect(await timeUntil(scene, () => isClosed(receiving))).toBeLessThanOrEqual(1_000);
    await scene.clock.advance(4_000);
    expect(isClosed(publishing)).toBe(true);
    expect(scene.flowing).toEqual(['microphone', 'camera']);
  });
});

describe('what is told of the connections', () => {
  it('comes from one report of each at a time: what is sent every second, what is received every two', async () => {
    const scene = await joined();
    const counts = scene.open.map((peer) => peer.reports);
    await scene.clock.advance(20_000);
    expect(scene.open.map((peer, index) => peer.reports - counts[index]!)).toEqual([20, 10]);
    expect(scene.events.filter((event) => event.type === 'stats').length).toBeGreaterThanOrEqual(10);
  });

  it('is nothing of quality while nothing comes through', async () => {
    const scene = await joined();
    const quality = () => scene.events.findLast((event) => event.type === 'stats')?.stats.quality;
    expect(quality()).toBe(4);
    scene.connects = false;
    scene.receiving.path = 'dark';
    await scene.clock.advance(5_000);
    expect(quality()).toBe(0);
  });
});
