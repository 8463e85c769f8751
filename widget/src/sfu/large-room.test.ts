import { beforeEach, describe, expect, it } from 'vitest';
import type { WantedTrack } from '../call/ports.ts';
import { Reception } from '../call/reception.ts';
import { EngineScene, wanted } from '../testing/engine-scene.ts';

const PAGE = 12;

let scene: EngineScene;
let reception: Reception;
let received: readonly WantedTrack[];

/** What was asked of the SFU since, as operations with the number of their tracks. */
function callsSince(from: number): string[] {
  return scene.sfu.calls.slice(from).map(({ operation, items }) => `${operation} ${items.length}`);
}

beforeEach(async () => {
  scene = new EngineScene();
  received = [];
  const want = (tracks: readonly WantedTrack[]) => {
    received = tracks;
    scene.engine.want(tracks);
  };
  reception = new Reception(scene.clock, want, () => {});
  await scene.join();
});

function see(cameras: readonly WantedTrack[], isInView = true): void {
  const tiles = cameras.map(({ participantId }) => ({ participantId, source: 'camera' as const, size: 120, isInView }));
  reception.see({ tiles, isPageHidden: false });
}

describe('a room of fifty', () => {
  it('in which all speak at once costs ten calls a minute and no description', async () => {
    const voices = scene.live(...Array.from({ length: 50 }, (_, index) => wanted(`microphone-${index}`, 'microphone')));
    reception.offer(voices);
    await scene.clock.advance(1_000);
    const [from, sections] = [scene.sfu.calls.length, scene.receiving.sectionCount];
    const heard = new Set<string>();
    for (let tick = 0; tick < 600; tick++) {
      reception.hear(received.map(({ participantId }) => participantId));
      await scene.clock.advance(100);
      for (const { participantId } of received) heard.add(participantId);
    }
    expect(new Set(callsSince(from))).toEqual(new Set(['updateTracks 4']));
    expect(callsSince(from).length).toBeLessThanOrEqual(10);
    expect(scene.receiving.sectionCount).toBe(sections);
    expect(heard.size).toBe(50);
  });

  it('turns its pages with one call each, in the sections that are there', async () => {
    const cameras = scene.layered(50);
    const page = (number: number) => cameras.slice(number * PAGE, (number + 1) * PAGE);
    reception.offer(cameras);
    see(page(0));
    await scene.clock.advance(2_000);
    const [from, sections] = [scene.sfu.calls.length, scene.receiving.sectionCount];
    for (const number of [1, 2, 3, 2]) {
      see(page(number), false);
      see(page(number));
      await scene.clock.advance(2_000);
      expect(page(number).map((track) => scene.statusOf(track))).toEqual(page(number).map(() => 'playing'));
    }
    expect(callsSince(from)).toEqual(Array.from({ length: 4 }, () => `updateTracks ${PAGE}`));
    expect(scene.receiving.sectionCount).toBe(sections);
  });
});

describe('somebody who comes where somebody went', () => {
  it('within a second costs one call', async () => {
    const [gone, come] = scene.layered(2);
    await scene.want([gone!]);
    const from = scene.sfu.calls.length;
    await scene.want([], 900);
    await scene.want([come!]);
    expect(callsSince(from)).toEqual(['updateTracks 1']);
  });

  it('later finds what is not wanted freed, and costs nobody anything meanwhile', async () => {
    const [gone, come] = scene.layered(2);
    await scene.want([gone!]);
    const from = scene.sfu.calls.length;
    await scene.want([], 1_100);
    expect([...scene.receiving.incoming]).toEqual([]);
    await scene.want([come!]);
    expect(callsSince(from)).toEqual(['closeTracks 1', 'newTracks 1']);
    expect(scene.statusOf(come!)).toBe('playing');
  });
});
