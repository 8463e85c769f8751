import { describe, expect, it } from 'vitest';
import { EngineScene, wanted } from '../testing/engine-scene.ts';

/** Opus says nothing in one packet every 400 ms. */
const DTX_INTERVAL_MS = 400;

/** In a call with microphones only, in which nobody says anything. */
async function silentCall(people: number, packetInterval = DTX_INTERVAL_MS): Promise<EngineScene> {
  const scene = new EngineScene();
  const microphones = Array.from({ length: people }, (_, index) => wanted(`microphone-${index}`, 'microphone'));
  await scene.join(scene.live(...microphones), ['microphone']);
  for (const peer of scene.peers) peer.packetInterval = packetInterval;
  await scene.clock.advance(3_000);
  expect([...scene.states.values()]).toEqual(microphones.map(() => 'playing'));
  return scene;
}

describe('silence that is sent with DTX', () => {
  it.each([1, 3])('is no sign of a dead path, with %i who could speak', async (people) => {
    const reportsOf = async (packetInterval: number) => {
      const scene = await silentCall(people, packetInterval);
      const [calls, before] = [scene.sfu.calls.length, scene.peers.map(({ reports }) => reports)];
      await scene.clock.advance(60_000);
      expect(scene.peers).toHaveLength(2);
      expect(scene.connections).toEqual(['connecting', 'connected']);
      expect(scene.sfu.calls.slice(calls)).toEqual([]);
      return scene.peers.map(({ reports }, index) => reports - before[index]!);
    };
    const [usual, silent] = [await reportsOf(1), await reportsOf(DTX_INTERVAL_MS)];
    // It is looked at earlier by the age of the last packet, and no more often than that.
    for (const [index, reports] of silent.entries()) expect(reports).toBeLessThanOrEqual(usual[index]! * 1.25);
  });

  it.each([1, 3])('does not hide a path that dies meanwhile, with %i who could speak', async (people) => {
    const scene = await silentCall(people);
    scene.receiving.path = 'dark';
    await scene.clock.advance(4_000);
    expect(scene.connections).toContain('reconnecting');
    await scene.clock.advance(6_000);
    expect(scene.connections.at(-1)).toBe('connected');
  });

  it('would be taken for trouble if its packets stood out further', async () => {
    const scene = await silentCall(3, 6_000);
    await scene.clock.advance(60_000);
    expect(scene.connections).toContain('reconnecting');
  });
});
