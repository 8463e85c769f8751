import { describe, expect, it } from 'vitest';
import type { Source } from '#protocol';
import { trackKey } from '../call/state.ts';
import { EngineScene, wanted } from '../testing/engine-scene.ts';

/** What the first offer has sections for, of each kind. */
const FIRST_PULLED = 4;
/** Of a page of tiles; sounds are received of all. */
const PICTURES = 9;

/** The calls of a join into a room with so many others, and all that follow. */
async function join(sources: readonly Source[], others: number, isWarm: boolean) {
  const scene = new EngineScene();
  const people = Array.from({ length: others }, (_, index) => index);
  const sounds = scene.live(...people.map((index) => wanted(`microphone-${index}`, 'microphone')));
  const pictures = scene.live(...people.slice(0, PICTURES).map((index) => wanted(`camera-${index}`)));
  if (isWarm) await scene.warm(sources);
  const ready = scene.sfu.calls.length;
  const prepared = await scene.engine.prepare(sources);
  const first = [...sounds.slice(0, FIRST_PULLED), ...pictures.slice(0, FIRST_PULLED)];
  const joining = scene.sfu.join(
    prepared,
    first.map(({ sessionId, trackName }) => trackKey(sessionId, trackName)),
  );
  await scene.clock.advance(100);
  const accepted = scene.engine.accept(await joining, scene.sfu);
  await scene.clock.advance(100);
  await accepted;
  const byJoin = scene.sfu.calls.slice(ready).map(({ operation }) => operation);
  const joined = scene.sfu.calls.length;
  await scene.want([...sounds, ...pictures], 5_000);
  const after = scene.sfu.calls.slice(joined).map(({ operation }) => operation);
  return { scene, tracks: [...sounds, ...pictures], byJoin, after };
}

describe.each([
  ['cold', false],
  ['with connections made before', true],
])('a join, %s', (_how, isWarm) => {
  describe.each<[string, Source[]]>([
    ['nothing to publish', []],
    ['a microphone only', ['microphone']],
    ['microphone and camera', ['microphone', 'camera']],
  ])('with %s', (_what, sources) => {
    it.each([0, 1, 49])('into a room of %i others: one exchange each way, the rest in one call', async (others) => {
      const { scene, tracks, byJoin, after } = await join(sources, others, isWarm);
      const exchanges = (sources.length > 0 ? 1 : 0) + (others > 0 ? 1 : 0);
      expect(byJoin.filter((operation) => operation === 'newTracks')).toHaveLength(exchanges);
      expect(byJoin.filter((operation) => operation === 'newSession')).toHaveLength(isWarm ? 0 : exchanges);
      expect(after).toEqual(others > FIRST_PULLED ? ['newTracks'] : []);
      expect(tracks.map((track) => scene.statusOf(track))).toEqual(tracks.map(() => 'playing'));
      expect(scene.flowing).toEqual(sources);
      expect(scene.failures).toEqual([]);
      expect(scene.peers).toHaveLength(2);
    });
  });
});
