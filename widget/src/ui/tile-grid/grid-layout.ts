export interface GridSpace {
  /** CSS pixels to fill, and the gap between tiles. */
  width: number;
  height: number;
  gap: number;
  count: number;
}

export interface GridLayout {
  columns: number;
  tileWidth: number;
  tileHeight: number;
  /** They are taller than the space. */
  scrolls: boolean;
}

/** Width to height. The picture covers its tile: as wide as a film, and in a tall space as tall as a telephone. */
const WIDEST = 16 / 9;
const TALLEST_IN_TALL_SPACE = 9 / 16;
const TALLEST_IN_WIDE_SPACE = 1;
/** Below this a face is no longer a face: the grid scrolls instead. */
const NARROWEST_PX = 96;

/**
 * How many columns show the most of `count` pictures, and the size of a tile in them. Tiles are equal and whole pixels.
 * Where they would get too small to be of use, they keep a useful size and the grid grows taller than its space.
 */
export function layoutGrid(space: GridSpace): GridLayout {
  const { width, height, gap, count } = space;
  const narrowest = Math.min(NARROWEST_PX, width);
  let best: GridLayout | undefined;
  let bestShown = 0;
  for (let columns = 1; columns <= count; columns++) {
    const layout = fit(space, columns);
    const { tileWidth, tileHeight } = layout;
    // A tall tile crops the sides of a wide picture: count what is left, mildly, for the face is in the middle.
    const shown = tileWidth * tileHeight * (tileWidth / tileHeight / WIDEST) ** 0.25;
    if (tileWidth >= narrowest && shown > bestShown) [best, bestShown] = [layout, shown];
  }
  if (best) return best;
  const columns = Math.floor((width + gap) / (narrowest + gap)) || 1;
  const tileWidth = Math.max(0, Math.floor((width - gap * (columns - 1)) / columns));
  const tileHeight = Math.round(tileWidth / WIDEST);
  const rows = Math.ceil(count / columns);
  return { columns, tileWidth, tileHeight, scrolls: rows * (tileHeight + gap) - gap > height };
}

function fit({ width, height, gap, count }: GridSpace, columns: number): GridLayout {
  const tallest = width < height ? TALLEST_IN_TALL_SPACE : TALLEST_IN_WIDE_SPACE;
  const rows = Math.ceil(count / columns);
  const cellWidth = Math.max(0, (width - gap * (columns - 1)) / columns);
  const cellHeight = Math.max(0, (height - gap * (rows - 1)) / rows);
  return {
    columns,
    tileWidth: Math.floor(Math.min(cellWidth, cellHeight * WIDEST)),
    tileHeight: Math.floor(Math.min(cellHeight, cellWidth / tallest)),
    scrolls: false,
  };
}
