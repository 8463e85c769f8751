import { describe, expect, it } from 'vitest';
import { BrokerError } from '../call/ports.ts';
import { trackKey } from '../call/state.ts';
import { EngineScene, PUBLISHER, wanted } from '../testing/engine-scene.ts';
import { RELAYER_INTERVAL_MS } from './receiver.ts';
import { CONNECT_DEADLINE_MS } from './sfu-session.ts';

const operations = (scene: EngineScene, from = 0) =>
  scene.sfu.calls.slice(from).map(({ operation, items }) => [operation, ...items].join(' '));

describe('publishing', () => {
  it('offers microphone and camera once, before anything is captured, and only what may be published', async () => {
    const scene = new EngineScene();
    const { publish } = await scene.engine.prepare(['microphone']);
    expect(publish?.tracks).toHaveLength(1);
    expect(publish?.tracks[0]?.trackName).toMatch(/^microphone-[0-9a-z]+$/);
    expect((await scene.engine.prepare([])).publish).toBeUndefined();
  });

  it('announces nothing before its packets have left', async () => {
    const scene = new EngineScene();
    scene.connects = false;
    await scene.join();
    await scene.clock.advance(5_000);
    expect(scene.flowing).toEqual([]);
    scene.publishing.become('connected');
    await scene.clock.advance(200);
    expect(scene.flowing).toEqual(['microphone', 'camera']);
  });

  it('announces mute and camera off without a call', async () => {
    const scene = new EngineScene();
    await scene.join();
    const calls = scene.sfu.calls.length;
    scene.media.setMuted(true);
    expect(scene.flowing).toEqual(['microphone muted', 'camera']);
    scene.media.setMuted(false);
    expect(scene.flowing).toEqual(['microphone', 'camera']);
    expect(scene.sfu.calls).toHaveLength(calls);
  });

  it('goes on as a listener where the broker refuses to publish', async () => {
    const scene = new EngineScene();
    const prepared = await scene.engine.prepare();
    const { receive: _, ...joined } = await scene.sfu.join({ receive: prepared.receive }, []);
    const publish = { errorCode: 'forbidden', errorDescription: '' };
    await scene.engine.accept({ ...joined, publish }, scene.sfu);
    const [track] = scene.live(wanted('camera-1'));
    await scene.want([track!]);
    expect(scene.statusOf(track!)).toBe('playing');
    expect(scene.flowing).toEqual([]);
    expect(scene.failures).toEqual([]);
  });

  it.each([
    ['sfu_timeout', 504, 'sfu-timeout'],
    ['sfu_unreachable', 502, 'sfu-unreachable'],
    ['unauthorized', 401, 'sfu-refused'],
  ] as const)('after %s at the join tries by itself, then tells %i as %s', async (errorCode, status, expected) => {
    const scene = new EngineScene();
    await scene.engine.prepare();
    scene.sfu.nextFailures.push(...Array.from({ length: 9 }, () => new BrokerError(status, errorCode, '')));
    const accepted = scene.engine.accept({ publish: { errorCode, errorDescription: '' }, iceServers: [] }, scene.sfu);
    await scene.clock.advance(30_000);
    await accepted;
    expect(scene.failures).toEqual([expected]);
  });

  it('publishes after all where the second try succeeds', async () => {
    const scene = new EngineScene();
    await scene.engine.prepare();
    const publish = { errorCode: 'sfu_unreachable', errorDescription: '' };
    const accepted = scene.engine.accept({ publish, iceServers: [] }, scene.sfu);
    await scene.clock.advance(1_000);
    await accepted;
    expect(scene.flowing).toEqual(['microphone', 'camera']);
    expect(scene.failures).toEqual([]);
  });

  it('shares a screen by its own offer and ends it by a negotiated close, without growing', async () => {
    const scene = new EngineScene();
    await scene.join();
    const from = scene.sfu.calls.length;
    for (let share = 0; share < 5; share++) {
      scene.media.set('screen', { kind: 'video', enabled: true } as MediaStreamTrack);
      await scene.clock.advance(500);
      expect(scene.flowing).toEqual(['microphone', 'camera', 'screen']);
      scene.media.set('screen', undefined);
      expect(scene.flowing).toEqual(['microphone', 'camera']);
      await scene.clock.advance(500);
    }
    expect(operations(scene, from).map((operation) => operation.split(' ')[0])).toEqual(
      Array.from({ length: 5 }, () => ['newTracks', 'closeTracks']).flat(),
    );
    expect(scene.publishing.sectionCount).toBe(3);
    expect(scene.publishing.transportRestarts).toBe(0);
  });

  it('does not stop the section that carries the transport where only a screen may be published', async () => {
    const scene = new EngineScene();
    await scene.join([], []);
    for (let share = 0; share < 3; share++) {
      scene.media.set('screen', { kind: 'video', enabled: true } as MediaStreamTrack);
      await scene.clock.advance(500);
      expect(scene.flowing).toEqual(['screen']);
      scene.media.set('screen', undefined);
      await scene.clock.advance(500);
      expect(scene.flowing).toEqual([]);
    }
    expect(scene.publishing.transportRestarts).toBe(0);
    expect(scene.peers).toHaveLength(2);
    expect(scene.failures).toEqual([]);
  });

  it('keeps the call where a screen is refused, and lets the next share try again', async () => {
    const scene = new EngineScene();
    await scene.join();
    scene.sfu.nextFailures.push(new BrokerError(403, 'forbidden', ''));
    scene.media.set('screen', { kind: 'video', enabled: true } as MediaStreamTrack);
    await scene.clock.advance(2_000);
    scene.media.setMuted(true);
    await scene.clock.advance(2_000);
    expect(scene.flowing).toEqual(['microphone muted', 'camera']);
    expect(scene.failures).toEqual([]);
    scene.media.set('screen', { kind: 'video', enabled: true } as MediaStreamTrack);
    await scene.clock.advance(500);
    expect(scene.flowing).toEqual(['microphone muted', 'camera', 'screen']);
    expect(scene.publishing.sectionCount).toBe(3);
  });
});

describe('receiving', () => {
  it('anchors the transport in a section that is no medium', async () => {
    const scene = new EngineScene();
    const { receive } = await scene.engine.prepare();
    expect(receive.sessionDescription!.sdp).toMatch(/"sections":\[\{"kind":"application"/);
  });

  it('uses the prepared offer for the first pull into a room that was empty', async () => {
    const scene = new EngineScene();
    await scene.join();
    const from = scene.sfu.calls.length;
    const tracks = scene.live(wanted('camera-1'), wanted('microphone-1', 'microphone'));
    await scene.want(tracks);
    expect(tracks.map((track) => scene.statusOf(track))).toEqual(['playing', 'playing']);
    expect(operations(scene, from)).toEqual([
      'newSession',
      `newTracks ${PUBLISHER}/microphone-1 ${PUBLISHER}/camera-1`,
    ]);
    expect(scene.receiving.sectionCount).toBe(9);
  });

  it('grows by what is wanted at once and no further', async () => {
    const scene = new EngineScene();
    const all = scene.live(...Array.from({ length: 12 }, (_, index) => wanted(`camera-${index}`)));
    await scene.join(all.slice(0, 2));
    await scene.want(all);
    const { sectionCount } = scene.receiving;
    expect(sectionCount).toBe(1 + 4 + 12);
    for (let turn = 0; turn < 20; turn++) await scene.want(all.slice(turn % 6, 6 + (turn % 6)));
    expect(scene.receiving.sectionCount).toBe(sectionCount);
    expect(scene.receiving.transportRestarts).toBe(0);
  });

  it('changes hands a hundred times with one call each, and its description stays as it was', async () => {
    const scene = new EngineScene();
    const all = scene.layered(3);
    await scene.join(all.slice(0, 1));
    const description = scene.receiving.localDescription?.sdp;
    const from = scene.sfu.calls.length;
    for (let turn = 1; turn <= 100; turn++) {
      const next = all[turn % all.length]!;
      await scene.want([next], 300);
      expect([scene.statusOf(next), scene.receiving.incoming.size]).toEqual(['playing', 1]);
    }
    expect(new Set(scene.sfu.calls.slice(from).map(({ operation }) => operation))).toEqual(new Set(['updateTracks']));
    expect(scene.sfu.calls.length - from).toBe(100);
    expect(scene.receiving.localDescription?.sdp).toBe(description);
  });

  it('is in a room of fifty with three calls: the join, the rest of a page, and its layers', async () => {
    const scene = new EngineScene();
    const cameras = scene.layered(12);
    const sounds = scene.live(...Array.from({ length: 16 }, (_, index) => wanted(`microphone-${index}`, 'microphone')));
    await scene.join([...sounds.slice(0, 4), ...cameras.slice(0, 4)]);
    const from = scene.sfu.calls.length;
    await scene.want([...sounds, ...cameras]);
    await scene.want([...sounds, ...cameras.map((track) => ({ ...track, rid: 'b' }))]);
    expect(scene.sfu.calls.slice(from).map(({ operation, items }) => [operation, items.length])).toEqual([
      ['newTracks', 20],
      ['updateTracks', 12],
    ]);
    expect([...sounds, ...cameras].every((track) => scene.statusOf(track) === 'playing')).toBe(true);
  });

  it('never waits with sound for pictures: of many it comes first, and a picture that fails holds none up', async () => {
    const scene = new EngineScene();
    await scene.join();
    const from = scene.sfu.calls.length;
    const cameras = scene.live(...Array.from({ length: 80 }, (_, index) => wanted(`camera-${index}`)));
    const [early, late] = scene.live(wanted('microphone-1', 'microphone'), wanted('microphone-2', 'microphone'));
    scene.sfu.failing.set(`${cameras[0]!.sessionId}/${cameras[0]!.trackName}`, 'empty_track_error');
    await scene.want([...cameras, early!], 100);
    expect(scene.sfu.calls.slice(from).find(({ operation }) => operation === 'newTracks')?.items[0]).toContain(
      'microphone-1',
    );
    await scene.want([...cameras, early!, late!], 500);
    expect([early!, late!].map((track) => scene.statusOf(track))).toEqual(['playing', 'playing']);
  });

  it('pulls what failed at the join alone, behind the healthy', async () => {
    const scene = new EngineScene();
    const late = wanted('camera-2');
    const [good, third] = scene.live(wanted('camera-1'), wanted('camera-3'));
    const prepared = await scene.engine.prepare();
    const joining = scene.sfu.join(
      prepared,
      [good!, late].map((track) => trackKey(track.sessionId, track.trackName)),
    );
    await scene.clock.advance(100);
    await scene.engine.accept(await joining, scene.sfu);
    const from = scene.sfu.calls.length;
    await scene.want([late, good!, third!]);
    expect(operations(scene, from)[0]).toBe(`newTracks ${PUBLISHER}/camera-3`);
    expect([late, good!, third!].map((track) => scene.statusOf(track))).toEqual(['pulling', 'playing', 'playing']);
  });

  it('pulls a track that fits into no used section like any other', async () => {
    const scene = new EngineScene();
    const [first, second, misfit] = scene.live(wanted('camera-1'), wanted('camera-2'), wanted('camera-3'));
    scene.sfu.misfits.add(`${PUBLISHER}/camera-3`);
    await scene.join([first!]);
    const from = scene.sfu.calls.length;
    await scene.want([second!]);
    await scene.want([misfit!]);
    expect(scene.statusOf(misfit!)).toBe('playing');
    await scene.want([first!]);
    expect(operations(scene, from).map((operation) => operation.split(' ')[0])).toEqual([
      'updateTracks',
      'updateTracks',
      'closeTracks',
      'newTracks',
      'updateTracks',
    ]);
  });

  it('asks an SFU that re-points nothing only once', async () => {
    const scene = new EngineScene();
    scene.sfu.refusesRepoint = true;
    const all = scene.live(wanted('camera-1'), wanted('camera-2'), wanted('camera-3'));
    await scene.join(all.slice(0, 1));
    for (const track of [1, 2, 0, 1]) await scene.want(all.slice(track, track + 1));
    expect(scene.sfu.calls.filter(({ operation }) => operation === 'updateTracks')).toHaveLength(1);
    expect(scene.statusOf(all[1]!)).toBe('playing');
  });

  it('tells a track as failed after enough tries, and plays it when it comes to life', async () => {
    const scene = new EngineScene();
    await scene.join();
    const late = wanted('camera-9');
    await scene.want([late], 15_000);
    expect(scene.statusOf(late)).toBe('failed');
    scene.live(late);
    await scene.clock.advance(20_000);
    expect(scene.statusOf(late)).toBe('playing');
  });

  it('takes out again what nobody wants any more when its pull succeeds', async () => {
    const scene = new EngineScene();
    await scene.join();
    const [track] = scene.live(wanted('camera-1'));
    scene.engine.want([track!]);
    await scene.clock.advance(30);
    await scene.want([], 2_000);
    expect([...scene.receiving.incoming]).toEqual([]);
    expect(scene.states.size).toBe(0);
  });

  it('waits through a room that is busy and a session that is not ready', async () => {
    const scene = new EngineScene();
    await scene.join();
    const [track] = scene.live(wanted('camera-1'));
    scene.sfu.nextFailures.push(
      undefined,
      new BrokerError(429, 'rate_limited', ''),
      new BrokerError(502, 'sfu_error', ''),
    );
    await scene.want([track!], 3_000);
    expect(scene.statusOf(track!)).toBe('playing');
    expect(scene.failures).toEqual([]);
    expect(scene.receiving.localDescription?.sdp).toMatch(/"sections":\[\{"kind":"application"/);
  });

  it('takes an offer back whose call failed', async () => {
    const scene = new EngineScene();
    const [first, second] = scene.live(wanted('camera-1'), wanted('camera-2'));
    await scene.join([first!]);
    scene.sfu.nextFailures.push(new BrokerError(502, 'sfu_error', ''));
    await scene.want([first!, second!], 100);
    expect(scene.receiving.signalingState).toBe('stable');
    await scene.clock.advance(1_000);
    expect(scene.statusOf(second!)).toBe('playing');
  });

  it.each([
    [410, 'session_error'],
    [0, ''],
    [406, 'invalid_session_description'],
  ] as const)('makes a new session after %i %s, once', async (status, errorCode) => {
    const scene = new EngineScene();
    const [first, second] = scene.live(wanted('camera-1'), wanted('camera-2'));
    await scene.join([first!]);
    expect(scene.statusOf(first!)).toBe('playing');
    scene.sfu.nextFailures.push(new BrokerError(status, errorCode, ''));
    await scene.want([first!, second!], 2_000);
    expect([first!, second!].map((track) => scene.statusOf(track))).toEqual(['playing', 'playing']);
    expect(scene.peers).toHaveLength(3);
    expect(scene.failures).toEqual([]);
  });
});

describe('layers', () => {
  const updates = (scene: EngineScene) =>
    scene.sfu.calls.filter(({ operation }) => operation === 'updateTracks').map(({ rids }) => rids.join());

  it('announces the layers of a camera and a screen, best first, and none of sound', async () => {
    const scene = new EngineScene();
    scene.media.set('screen', { kind: 'video', enabled: true } as MediaStreamTrack);
    await scene.join();
    await scene.clock.advance(500);
    const { tracks } = scene.events.findLast((event) => event.type === 'flowing')!;
    expect(tracks.map(({ source, rids }) => [source, ...rids].join(' '))).toEqual([
      'microphone',
      'camera a b c',
      'screen a b',
    ]);
  });

  it('sends no layer better than any that is watched, the smallest always, and all while the camera is off', async () => {
    const scene = new EngineScene();
    await scene.join();
    const sent = (peer = scene.publishing) =>
      peer
        .getTransceivers()
        .flatMap(({ sender }) => sender.getParameters().encodings)
        .flatMap(({ rid, active }) => (rid !== undefined && active !== false ? rid : []))
        .join('');
    expect(sent()).toBe('abc');
    for (const [best, layers] of [
      ['b', 'bc'],
      ['', 'c'],
      ['a', 'abc'],
      ['c', 'c'],
      [undefined, 'abc'],
    ] as const) {
      scene.engine.demand(best);
      await scene.clock.advance(10);
      expect(sent()).toBe(layers);
    }
    for (const best of ['c', 'a', 'b']) scene.engine.demand(best);
    await scene.clock.advance(10);
    expect(sent()).toBe('bc');
    const camera = scene.media.track('camera');
    scene.media.set('camera', undefined);
    await scene.clock.advance(10);
    expect(sent()).toBe('abc');
    scene.media.set('camera', camera);
    await scene.clock.advance(10);
    expect(sent()).toBe('bc');
  });

  it('pulls the smallest layer unless another is wanted, and names none where there are none', async () => {
    const scene = new EngineScene();
    await scene.join();
    const [first, second] = scene.layered(2);
    const [plain] = scene.live(wanted('camera-9'));
    await scene.want([first!, { ...second!, rid: 'b' }, plain!]);
    expect(scene.sfu.calls.findLast(({ operation }) => operation === 'newTracks')!.rids).toEqual(['c', 'b', '']);
    expect(updates(scene)).toEqual([]);
  });

  it('takes what the join brought for its smallest layer', async () => {
    const scene = new EngineScene();
    const [track] = scene.layered(1);
    await scene.join([track!]);
    expect(updates(scene)).toEqual([]);
    await scene.want([{ ...track!, rid: 'a' }]);
    expect(updates(scene)).toEqual(['a']);
  });

  it('changes many at once in one call, and what comes within 250 ms in one more', async () => {
    const scene = new EngineScene();
    const all = scene.layered(4);
    await scene.join(all);
    await scene.want(
      all.map((track) => ({ ...track, rid: 'b' })),
      30,
    );
    for (const rid of ['a', 'b', 'a', 'c', 'a']) await scene.want([{ ...all[0]!, rid }, ...all.slice(1)], 20);
    expect(updates(scene)).toEqual(['b,b,b,b']);
    await scene.clock.advance(RELAYER_INTERVAL_MS);
    expect(updates(scene)).toEqual(['b,b,b,b', 'a,c,c,c']);
  });

  it('points a used section at the wanted layer of the next at once', async () => {
    const scene = new EngineScene();
    const [first, second] = scene.layered(2);
    await scene.join([first!]);
    await scene.want([{ ...second!, rid: 'a' }]);
    expect(updates(scene)).toEqual(['a']);
    expect(scene.statusOf(second!)).toBe('playing');
  });

  it('does not ask again for a layer that was refused, and does after a call that failed', async () => {
    const scene = new EngineScene();
    const [track] = scene.layered(1);
    await scene.join([track!]);
    scene.sfu.nextFailures.push(new BrokerError(502, 'sfu_error', ''));
    await scene.want([{ ...track!, rid: 'b' }], 3_000);
    expect(updates(scene)).toEqual(['b', 'b']);
    scene.sfu.layered.clear();
    await scene.want([{ ...track!, rid: 'a' }], 5_000);
    expect(updates(scene)).toEqual(['b', 'b', 'a']);
    expect(scene.statusOf(track!)).toBe('playing');
    expect(scene.failures).toEqual([]);
  });
});

describe('the media path', () => {
  it('tells a network that lets no media through', async () => {
    const scene = new EngineScene();
    scene.connects = false;
    await scene.join(scene.live(wanted('camera-1')));
    expect(scene.connections).toEqual(['connecting']);
    await scene.clock.advance(CONNECT_DEADLINE_MS);
    expect(scene.failures).toEqual(['media-unreachable']);
  });

  it('tells what is lost for a while, and what came back', async () => {
    const scene = new EngineScene();
    await scene.join();
    scene.publishing.become('disconnected');
    scene.publishing.become('connected');
    expect(scene.connections).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
  });

  it('publishes anew, under other names, after its transport has died', async () => {
    const scene = new EngineScene();
    await scene.join();
    scene.media.setMuted(true);
    const before = scene.events.findLast((event) => event.type === 'flowing')!;
    scene.publishing.become('failed');
    await scene.clock.advance(2_000);
    const after = scene.events.findLast((event) => event.type === 'flowing')!;
    expect(after.sessionId).not.toBe(before.sessionId);
    expect(scene.flowing).toEqual(['microphone muted', 'camera']);
    expect(scene.connections.slice(-2)).toEqual(['reconnecting', 'connected']);
    expect(scene.failures).toEqual([]);
  });

  it('leaves no timer, no event and no open connection behind', async () => {
    const scene = new EngineScene();
    await scene.join(scene.live(wanted('camera-1')));
    scene.engine.want([wanted('camera-404')]);
    await scene.clock.advance(40);
    scene.engine.close();
    const events = scene.events.length;
    // The calls that are under way, and nothing of the engine's.
    await scene.clock.advance(20);
    expect(scene.clock.pending).toBe(0);
    expect(scene.events).toHaveLength(events);
    expect(scene.peers.every(({ connectionState }) => connectionState === 'closed')).toBe(true);
  });
});
