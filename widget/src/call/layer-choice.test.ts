import { describe, expect, it } from 'vitest';
import { chooseLayer, type LayerChoice, type Seeing } from './layer-choice.ts';

const seen: Seeing = { size: 720, layers: 3, restAt: Infinity, releaseAt: Infinity };

/** What is chosen on the way through sights, each at a time of its own. */
function follow(...steps: [now: number, seeing: Partial<Seeing>][]): (number | undefined)[] {
  let choice: LayerChoice | undefined;
  return steps.map(([now, seeing]) => (choice = chooseLayer(choice, { ...seen, ...seeing }, now)).layer);
}

describe('chooseLayer', () => {
  it.each([
    [0, 2],
    [100, 2],
    [168, 2],
    [169, 1],
    [337, 1],
    [338, 0],
    [4_000, 0],
  ])('for a tile with %i device pixels takes the smallest layer that suffices', (size, layer) => {
    expect(follow([0, { size }])).toEqual([layer]);
  });

  it('takes what there is where a publisher sends fewer layers, or one', () => {
    expect(follow([0, { size: 2_000, layers: 2 }])).toEqual([0]);
    expect(follow([0, { size: 100, layers: 2 }])).toEqual([1]);
    expect(follow([0, { size: 2_000, layers: 1 }])).toEqual([0]);
    expect(follow([0, { size: 100 }], [10, { size: 100, layers: 1 }])).toEqual([2, 0]);
  });

  it('follows a tile that grows after 300 ms, and one that shrinks after 2 s', () => {
    expect(follow([0, { size: 100 }], [1_000, {}], [1_299, {}], [1_300, {}])).toEqual([2, 2, 2, 0]);
    expect(follow([0, {}], [1_000, { size: 100 }], [2_999, { size: 100 }], [3_000, { size: 100 }])).toEqual([
      0, 0, 0, 2,
    ]);
  });

  it('says when to look again, so that nothing is missed and nothing polled', () => {
    const first = chooseLayer(undefined, { ...seen, size: 100 }, 0);
    expect(first.until).toBe(Infinity);
    const growing = chooseLayer(first, seen, 1_000);
    expect(growing.until).toBe(1_300);
    expect(chooseLayer(growing, seen, 1_100).until).toBe(1_300);
    expect(chooseLayer(growing, seen, 1_300).until).toBe(Infinity);
    expect(chooseLayer(first, { ...seen, size: 100, restAt: 5_000, releaseAt: 9_000 }, 4_000).until).toBe(5_000);
    expect(chooseLayer(first, { ...seen, size: 100, restAt: 5_000, releaseAt: 9_000 }, 5_000).until).toBe(9_000);
  });

  it('begins to count again where the tile changes its mind', () => {
    expect(follow([0, { size: 100 }], [100, {}], [350, { size: 100 }], [400, {}], [699, {}], [700, {}])).toEqual([
      2, 2, 2, 2, 2, 0,
    ]);
  });

  it('does not go to and fro at an edge', () => {
    const steps = Array.from({ length: 40 }, (_, step): [number, Partial<Seeing>] => [
      step * 2_500,
      { size: step % 2 === 0 ? 338 : 300 },
    ]);
    expect(new Set(follow(...steps))).toEqual(new Set([0]));
    expect(follow([0, { size: 338 }], [1_000, { size: 330 }], [9_000, { size: 330 }])).toEqual([0, 0, 0]);
    expect(follow([0, { size: 338 }], [1_000, { size: 293 }], [4_000, { size: 293 }])).toEqual([0, 0, 1]);
  });

  it('rests and lets go of what nobody sees, and is back at once', () => {
    const hidden = { restAt: 1_000, releaseAt: 10_000 };
    expect(follow([0, {}], [999, hidden], [1_000, hidden], [1_001, {}])).toEqual([0, 0, 2, 0]);
    expect(follow([0, {}], [1_000, hidden], [9_999, hidden], [10_000, hidden], [20_000, {}])).toEqual([
      0,
      2,
      2,
      undefined,
      0,
    ]);
  });
});
