import { describe, expect, it } from 'vitest';
import { chooseLayer } from './call/layer-choice.ts';
import { encodingsFor } from './sfu/layers.ts';
import { layoutGrid } from './ui/tile-grid/grid-layout.ts';

/** What the controls below the grid and the edges around it take, in CSS pixels. */
const CONTROLS = 68;
const EDGE = 4;
const GAP = 8;

const RATES = encodingsFor('camera').map(({ maxBitrate = 0 }) => maxBitrate);

/** What everybody else's cameras cost in a window where all are seen at once, as a share of their full size. */
function shareOfFull(windowWidth: number, windowHeight: number, people: number): number {
  const { tileWidth, tileHeight } = layoutGrid({
    width: windowWidth - 2 * EDGE,
    height: windowHeight - CONTROLS - 2 * EDGE,
    gap: GAP,
    count: people,
  });
  const size = Math.min(tileWidth, tileHeight);
  const seeing = { size, layers: RATES.length, restAt: Infinity, releaseAt: Infinity };
  const { layer = 0 } = chooseLayer(undefined, seeing, 0);
  return RATES[layer]! / RATES[0]!;
}

describe('what a page of people costs, as a share of every camera at full size', () => {
  it.each([
    [1280, 720, 10],
    [1280, 720, 9],
    [1280, 720, 4],
    [1920, 1080, 10],
    [1024, 768, 10],
    [1440, 900, 12],
  ])('is at most a third in a window of %i by %i with %i people', (width, height, people) => {
    expect(shareOfFull(width, height, people)).toBeLessThanOrEqual(1 / 3);
  });

  it.each([
    [640, 360, 9],
    [390, 844, 12],
  ])('is at most a tenth in one of %i by %i with %i people', (width, height, people) => {
    expect(shareOfFull(width, height, people)).toBeLessThanOrEqual(1 / 10);
  });

  it('is all of it for one face that fills a window', () => {
    expect(shareOfFull(1280, 720, 1)).toBe(1);
  });
});
