import { describe, expect, it } from 'vitest';
import type { MediaStats } from '../call/media-stats.ts';
import { EngineScene, wanted } from '../testing/engine-scene.ts';

const LOOK_MS = 2_000;

/** In a call with two others, each of whose cameras is received. */
async function joined(): Promise<EngineScene> {
  const scene = new EngineScene();
  await scene.join(scene.live(wanted('camera-1'), wanted('camera-2')));
  await scene.clock.advance(3_000);
  return scene;
}

/** The next that is told, after counters have changed. */
async function nextStats(scene: EngineScene, change: () => void): Promise<MediaStats> {
  const from = scene.events.length;
  change();
  while (!scene.events.slice(from).some(({ type }) => type === 'stats')) await scene.clock.advance(100);
  return lastStats(scene);
}

function lastStats(scene: EngineScene): MediaStats {
  const event = scene.events.findLast((event) => event.type === 'stats');
  if (!event) throw new Error('nothing was told');
  return event.stats;
}

const settle = (scene: EngineScene) => nextStats(scene, () => {});

describe('what is told of the media', () => {
  it('is what went over the connections since the last time, of both', async () => {
    const scene = await joined();
    const { counters: received } = scene.receiving;
    const { counters: sent } = scene.publishing;
    Object.assign(received, {
      'inbound-rtp': { packetsLost: 100, packetsReceived: 900, freezeCount: 4, framesDecoded: 10 },
    });
    Object.assign(sent, { 'outbound-rtp': { packetsSent: 500 }, 'remote-inbound-rtp': { packetsLost: 50 } });
    await settle(scene);
    const stats = await nextStats(scene, () => {
      Object.assign(received['inbound-rtp']!, {
        packetsLost: 110,
        packetsReceived: 986,
        freezeCount: 6,
        framesDecoded: 70,
      });
      Object.assign(sent['outbound-rtp']!, { packetsSent: 700 });
      Object.assign(sent['remote-inbound-rtp']!, { packetsLost: 60 });
    });
    // The fake itself counts two packets and two frames at each look.
    expect(stats.lossIn).toBeCloseTo(10 / 98, 5);
    expect(stats.lossOut).toBeCloseTo(10 / 200, 5);
    expect(stats).toMatchObject({ freezes: 2, rtt: 50 });
    expect(stats.fps).toBeCloseTo(62 / (LOOK_MS / 1_000), 5);
    expect(await settle(scene)).toMatchObject({ lossIn: 0, lossOut: 0, freezes: 0 });
  });

  it('misses nothing of what is sent, which is looked at more often than it is told', async () => {
    const scene = await joined();
    const { counters } = scene.publishing;
    Object.assign(counters, { 'outbound-rtp': { packetsSent: 0 }, 'remote-inbound-rtp': { packetsLost: 0 } });
    await settle(scene);
    let told = 0;
    for (let turn = 1; turn <= 20; turn++) {
      // Another moment each time between the looks.
      await scene.clock.advance(300);
      Object.assign(counters['outbound-rtp']!, { packetsSent: 100 * turn });
      Object.assign(counters['remote-inbound-rtp']!, { packetsLost: 10 * turn });
      const { lossOut } = await settle(scene);
      if (lossOut > 0) told++;
      expect(lossOut === 0 || Math.abs(lossOut - 0.1) < 1e-9, String(lossOut)).toBe(true);
    }
    expect(told).toBe(20);
  });

  it('is by whose picture it was, in bytes', async () => {
    const scene = await joined();
    const { counters } = scene.receiving;
    const mids = [...scene.receiving.incoming.keys()];
    for (const mid of mids) counters[`inbound-rtp ${mid}`] = { mid, bytesReceived: 1_000 };
    await settle(scene);
    const { received } = await nextStats(scene, () => {
      counters[`inbound-rtp ${mids[0]}`]!['bytesReceived'] = 1_700;
    });
    expect(received).toEqual([{ participantId: 'person-1', source: 'camera', bytes: 700 }]);
  });

  it('begins at nothing where the browser tells less, as Firefox does', async () => {
    const scene = await joined();
    const { lossIn, lossOut, freezes, bitrateIn, bitrateOut } = await settle(scene);
    expect({ lossIn, lossOut, freezes, bitrateIn, bitrateOut }).toEqual({
      lossIn: 0,
      lossOut: 0,
      freezes: 0,
      bitrateIn: 0,
      bitrateOut: 0,
    });
  });

  it('goes on from a connection that is made anew, whose counters begin at nothing', async () => {
    const scene = await joined();
    scene.receiving.counters['inbound-rtp'] = { packetsLost: 500, packetsReceived: 9_000, freezeCount: 1 };
    await settle(scene);
    const old = scene.receiving;
    scene.sfu.kill(scene.sfu.sessionOf(old));
    while (old.connectionState !== 'closed') await scene.clock.advance(100);
    const from = scene.events.length;
    scene.receiving.counters['inbound-rtp'] = { packetsLost: 3, packetsReceived: 100, freezeCount: 3 };
    await scene.clock.advance(3 * LOOK_MS);
    const told = scene.events.slice(from).flatMap((event) => (event.type === 'stats' ? [event.stats] : []));
    expect(told.length).toBeGreaterThan(1);
    for (const { lossIn, freezes } of told) {
      expect(lossIn).toBeGreaterThanOrEqual(0);
      expect(lossIn).toBeLessThan(0.1);
      expect(freezes).toBe(0);
    }
  });
});
