import { describe, expect, it } from 'vitest';
import { layoutGrid, type GridSpace } from './grid-layout.ts';

const space = (width: number, height: number, count: number): GridSpace => ({ width, height, gap: 8, count });

function size({ width, height, gap, count }: GridSpace) {
  const { columns, tileWidth, tileHeight } = layoutGrid({ width, height, gap, count });
  const rows = Math.ceil(count / columns);
  return { columns, rows, usedWidth: columns * (tileWidth + gap) - gap, usedHeight: rows * (tileHeight + gap) - gap };
}

/** Is there any number of columns in which `count` tiles as wide as a film are 96 pixels wide or more? */
function canShowFaces(width: number, height: number, count: number): boolean {
  return Array.from({ length: count }, (_, index) => index + 1).some((columns) => {
    const rows = Math.ceil(count / columns);
    return (width + 8) / columns >= 96 + 8 && (height + 8) / rows >= 54 + 8;
  });
}

describe('layoutGrid', () => {
  it('fills a wide space with one picture as wide as a film', () => {
    expect(layoutGrid(space(1600, 900, 1))).toEqual({ columns: 1, tileWidth: 1600, tileHeight: 900, scrolls: false });
    expect(layoutGrid(space(1600, 400, 1))).toEqual({ columns: 1, tileWidth: 711, tileHeight: 400, scrolls: false });
  });

  it('fills a telephone with one picture from edge to edge', () => {
    expect(layoutGrid(space(320, 568, 1))).toEqual({ columns: 1, tileWidth: 320, tileHeight: 568, scrolls: false });
  });

  it.each([
    [320, 520, 2, 1],
    [320, 520, 4, 2],
    [768, 800, 3, 2],
    [768, 800, 4, 2],
    [1440, 800, 2, 2],
    [1440, 800, 5, 3],
    [1440, 800, 9, 3],
    [1440, 800, 16, 4],
  ])('in %i by %i, %i pictures stand in %i columns', (width, height, count, columns) => {
    expect(layoutGrid(space(width, height, count)).columns).toBe(columns);
  });

  it('never overflows as long as faces can be seen, whatever the size and the number', () => {
    for (let width = 240; width <= 1920; width += 120) {
      for (let height = 200; height <= 1080; height += 110) {
        for (let count = 1; count <= 20; count++) {
          const used = size(space(width, height, count));
          const label = `${width}x${height}, ${count}`;
          expect(used.usedWidth, label).toBeLessThanOrEqual(width);
          if (canShowFaces(width, height, count)) expect(used.usedHeight, label).toBeLessThanOrEqual(height);
          expect(layoutGrid(space(width, height, count)).scrolls, label).toBe(used.usedHeight > height);
        }
      }
    }
  });

  it('scrolls with tiles of a useful size where the space is too small for so many', () => {
    const { columns, tileWidth, tileHeight } = layoutGrid(space(320, 200, 50));
    expect(tileWidth).toBeGreaterThanOrEqual(96);
    expect(tileHeight).toBeGreaterThan(50);
    expect(columns).toBe(3);
  });

  it('keeps tiles between as wide as a film and as tall as the space allows', () => {
    for (const [width, height, tallest] of [
      [400, 800, 9 / 16],
      [800, 400, 1],
    ] as const) {
      for (let count = 1; count <= 12; count++) {
        const { tileWidth, tileHeight } = layoutGrid(space(width, height, count));
        expect(tileWidth / tileHeight).toBeLessThan(16 / 9 + 0.05);
        expect(tileWidth / tileHeight).toBeGreaterThan(tallest - 0.05);
      }
    }
  });

  it('survives having nothing to lay out, and no room', () => {
    expect(layoutGrid(space(300, 300, 0))).toMatchObject({ columns: expect.any(Number), scrolls: false });
    expect(layoutGrid(space(0, 0, 3))).toMatchObject({ tileWidth: 0, tileHeight: 0 });
  });
});
