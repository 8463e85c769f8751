import { describe, expect, it } from 'vitest';
import { EngineScene, wanted } from '../testing/engine-scene.ts';
import { RELAY_DEADLINE_MS } from './sfu-session.ts';
import { readFakeSdp } from '../testing/fake-peer-connection.ts';

const operations = (scene: EngineScene) =>
  scene.sfu.calls.map(({ operation, items }) =>
    [operation, ...items.map((item) => item.replace(/^.*\//, ''))].join(' '),
  );
const video = { kind: 'video', enabled: true } as MediaStreamTrack;

describe('connections made before the join', () => {
  it('have a section for data channels alone, send nothing, and are spoken of to nobody', async () => {
    const scene = new EngineScene();
    await scene.warm();
    await scene.clock.advance(20_000);
    expect(scene.peers.map(({ connectionState }) => connectionState)).toEqual(['connected', 'connected']);
    for (const { localDescription } of scene.peers)
      expect(readFakeSdp(localDescription!.sdp!).sections.map(({ kind }) => kind)).toEqual(['application']);
    expect(scene.peers.flatMap((peer) => peer.getTransceivers())).toEqual([]);
    expect(scene.events).toEqual([]);
  });

  it('carry what is joined with, both ways, in one call each', async () => {
    const scene = new EngineScene();
    await scene.warm();
    const tracks = scene.live(wanted('camera-1'), wanted('microphone-1', 'microphone'));
    await scene.join(tracks);
    expect(operations(scene)).toEqual([
      'newSession',
      'newSession',
      expect.stringMatching(/^newTracks microphone-\w+ camera-\w+$/),
      'newTracks camera-1 microphone-1',
    ]);
    expect(tracks.map((track) => scene.statusOf(track))).toEqual(['playing', 'playing']);
    expect(scene.flowing).toEqual(['microphone', 'camera']);
    expect(scene.connections).toEqual(['connected']);
    expect(scene.peers).toHaveLength(2);
  });

  it('wait in an empty room for whoever comes: the first pull is one call', async () => {
    const scene = new EngineScene();
    await scene.warm();
    await scene.join();
    expect(scene.connections).toEqual(['connected']);
    const before = scene.sfu.calls.length;
    const [track] = scene.live(wanted('camera-1'));
    await scene.want([track!]);
    expect(scene.statusOf(track!)).toBe('playing');
    expect(operations(scene).slice(before)).toEqual(['newTracks camera-1']);
    expect(scene.peers).toHaveLength(2);
  });

  it('are not made to publish by somebody who only listens, and a screen is published all the same', async () => {
    const scene = new EngineScene();
    await scene.warm([]);
    const tracks = scene.live(wanted('camera-1'));
    await scene.join(tracks, []);
    expect(scene.statusOf(tracks[0]!)).toBe('playing');
    scene.media.set('screen', video);
    await scene.clock.advance(1_000);
    expect(scene.flowing).toEqual(['screen']);
    expect(scene.failures).toEqual([]);
  });

  it('carry the offer of an SFU that answers none', async () => {
    const scene = new EngineScene();
    scene.sfu.offersItself = true;
    await scene.warm();
    const tracks = scene.live(wanted('camera-1'));
    await scene.join(tracks);
    const more = scene.live(wanted('camera-2'));
    await scene.want([...tracks, ...more]);
    expect([...tracks, ...more].map((track) => scene.statusOf(track))).toEqual(['playing', 'playing']);
    expect(scene.peers).toHaveLength(2);
    expect(scene.failures).toEqual([]);
  });

  it('share and end a screen as ever', async () => {
    const scene = new EngineScene();
    await scene.warm();
    await scene.join();
    for (let share = 0; share < 3; share++) {
      scene.media.set('screen', video);
      await scene.clock.advance(500);
      expect(scene.flowing).toEqual(['microphone', 'camera', 'screen']);
      scene.media.set('screen', undefined);
      await scene.clock.advance(500);
    }
    expect(scene.publishing.sectionCount).toBe(4);
    expect(scene.publishing.transportRestarts).toBe(0);
  });

  it.each(['failed', 'disconnected'] as const)('are of no use once one is %s, and are made anew', async (state) => {
    const scene = new EngineScene();
    await scene.warm();
    expect(scene.engine.isStale).toBe(false);
    scene.peers[1]!.become(state);
    expect(scene.engine.isStale).toBe(true);
    expect(scene.events).toEqual([]);
    scene.engine.close();
    await scene.join();
    expect(scene.open).toHaveLength(2);
    expect(scene.flowing).toEqual(['microphone', 'camera']);
  });

  it('are of no use once the network is another', async () => {
    const scene = new EngineScene();
    await scene.warm();
    scene.engine.wake();
    expect(scene.engine.isStale).toBe(true);
    scene.engine.close();
    await scene.join();
    scene.engine.wake();
    expect(scene.engine.isStale).toBe(false);
  });

  it('are replaced like any other where one breaks while the join is under way', async () => {
    const scene = new EngineScene();
    await scene.warm();
    const tracks = scene.live(wanted('camera-1'));
    const prepared = await scene.engine.prepare();
    const joining = scene.sfu.join(prepared, [`${tracks[0]!.sessionId}/camera-1`]);
    await scene.clock.advance(100);
    const joined = await joining;
    for (const peer of scene.peers) peer.become('failed');
    const accepted = scene.engine.accept(joined, scene.sfu);
    await scene.clock.advance(100);
    await accepted;
    scene.engine.want(tracks);
    await scene.clock.advance(5_000);
    expect(scene.failures).toEqual([]);
    expect(scene.statusOf(tracks[0]!)).toBe('playing');
    expect(scene.open).toHaveLength(2);
  });

  it('are closed where nobody joins, also in the midst of being made', async () => {
    const scene = new EngineScene();
    const connecting = scene.engine.connect(['microphone'], (offers) => scene.sfu.exchange(offers));
    const ended = expect(connecting).rejects.toThrow();
    await scene.clock.advance(1);
    scene.engine.close();
    await scene.clock.advance(500);
    await ended;
    await scene.warm();
    scene.engine.close();
    expect(scene.open).toEqual([]);
    expect(scene.clock.pending).toBe(0);
    expect(scene.sfu.held()).toEqual(new Map());
  });
});

describe('a relay that the broker tells of', () => {
  const STUN = { urls: ['stun:stun.example:3478'] };
  const TURN = { urls: ['turn:turn.example:3478', 'turns:turn.example:5349'], username: 'u', credential: 'c' };
  const servers = (scene: EngineScene) => scene.open.map((peer) => peer.servers.length);

  it('is what connections in the lobby are made with, which can be told of none later', async () => {
    const scene = new EngineScene();
    scene.iceServers = [TURN, STUN];
    await scene.warm();
    expect(servers(scene)).toEqual([3, 3]);
    await scene.join(scene.live(wanted('camera-1')));
    expect(scene.open).toHaveLength(2);
    expect(scene.connections).toEqual(['connected']);
    // And those of the next call, from the first.
    const made = scene.peers.length;
    scene.engine.close();
    await scene.warm();
    expect([servers(scene), scene.peers.length - made]).toEqual([[3, 3], 2]);
  });

  it('is no reason to begin again where it only tells an address', async () => {
    const scene = new EngineScene();
    scene.iceServers = [STUN];
    await scene.warm();
    expect(scene.peers).toHaveLength(2);
  });

  it('is tried soon where a join without it does not connect', async () => {
    const scene = new EngineScene();
    scene.iceServers = [TURN];
    scene.connects = false;
    const tracks = scene.live(wanted('camera-1'));
    await scene.join(tracks);
    expect(servers(scene)).toEqual([0, 0]);
    scene.connects = true;
    await scene.clock.advance(RELAY_DEADLINE_MS + 4_000);
    expect(servers(scene)).toEqual([2, 2]);
    expect(scene.statusOf(tracks[0]!)).toBe('playing');
    expect(scene.flowing).toEqual(['microphone', 'camera']);
    expect(scene.failures).toEqual([]);
  });
});
