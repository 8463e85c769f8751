/** The shorter side of the best layer, which is what cameras are opened with; each further one has half of that before. */
const BEST_SHORT_SIDE_PX = 540;
/** A picture enlarged by up to a quarter still looks sharp. */
const SUFFICES_AT = 0.8;
/** A smaller layer is taken only where it would suffice for a tile larger by this factor too. */
const SMALLER_SUFFICES_AT = 1.15;
const UP_AFTER_MS = 300;
const DOWN_AFTER_MS = 2_000;

/** How a picture is seen. Times are of the call's clock; Infinity: not as things are. */
export interface Seeing {
  /** Shorter side of its tile in device pixels; 0 where it was not measured yet. */
  size: number;
  /** How many layers it has, at least one. */
  layers: number;
  /** From then on nobody looks, and the smallest layer will do. */
  restAt: number;
  /** From then on it is not worth receiving at all. */
  releaseAt: number;
}

/** What to receive of a picture, and what would be chosen if things stayed as they are. */
export interface LayerChoice {
  /** 0 is the best; undefined: nothing. */
  layer: number | undefined;
  isResting: boolean;
  goal: number;
  goalSince: number;
  /** When to choose again, even where nothing changes. */
  until: number;
}

/**
 * The layer for a tile: the smallest that suffices. It follows a tile that grows soon and one that shrinks late, so that
 * neither a drag nor a transition makes it flicker; it is back at once for a tile that comes back into sight.
 */
export function chooseLayer(before: LayerChoice | undefined, seeing: Seeing, now: number): LayerChoice {
  const { size, layers, restAt, releaseAt } = seeing;
  const settled = (layer: number | undefined, isResting: boolean, until: number): LayerChoice => ({
    layer,
    isResting,
    goal: layer ?? layers,
    goalSince: now,
    until,
  });
  if (now >= releaseAt) return settled(undefined, true, Infinity);
  if (now >= restAt) return settled(layers - 1, true, releaseAt);

  const ideal = smallestLayer(size, layers);
  if (before?.layer === undefined || before.isResting) return settled(ideal, false, restAt);
  const layer = Math.min(before.layer, layers - 1);
  const goal = ideal < layer ? ideal : Math.max(layer, smallestLayer(size * SMALLER_SUFFICES_AT, layers));
  if (goal === layer) return settled(layer, false, restAt);
  const goalSince = before.goal === goal ? before.goalSince : now;
  const due = goalSince + (goal < layer ? UP_AFTER_MS : DOWN_AFTER_MS);
  if (now >= due) return settled(goal, false, restAt);
  return { layer, isResting: false, goal, goalSince, until: Math.min(due, restAt) };
}

function smallestLayer(size: number, layers: number): number {
  let layer = layers - 1;
  while (layer > 0 && BEST_SHORT_SIDE_PX / 2 ** layer < size * SUFFICES_AT) layer--;
  return layer;
}
