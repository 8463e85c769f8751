import type { Layer } from './layer.ts';

/** Which layer a subscriber asked for; the API's own names and defaults. */
export interface LayerChoice {
  /** Empty or absent: the SFU chooses. */
  preferredRid?: string;
  /** `asciibetical`: a later layer in a-z order where the path does not carry this one. `none`: it is sent all the same. */
  priorityOrdering: 'none' | 'asciibetical';
  /** `asciibetical`: where the wanted layer is off, the first of the others in a-z order. `none`: nothing then. */
  ridNotAvailable: 'none' | 'asciibetical';
}

/**
 * The layer to send now, out of those the publisher sends; undefined where the choice allows none. A publication without
 * simulcast has one, which is always it. `stepsDown`: so many layers below the wanted one is what the path carries.
 */
export function chooseLayer(
  layers: Iterable<Layer>,
  choice: LayerChoice,
  current: Layer | undefined,
  now: number,
  stepsDown = 0,
): Layer | undefined {
  const all = [...layers];
  if (all.length === 1 && all[0]!.rid === '') return all[0];
  const live = all.filter((layer) => layer.isLive(now)).sort((a, b) => (a.rid < b.rid ? -1 : 1));
  const top = wantedLayer(live, choice, current);
  if (!top || choice.priorityOrdering === 'none') return top;
  // Layers that only a step down has led to are no choice: the way up begins at the wanted one.
  return live[Math.min(live.indexOf(top) + stepsDown, live.length - 1)] ?? top;
}

function wantedLayer(live: readonly Layer[], choice: LayerChoice, current: Layer | undefined): Layer | undefined {
  if (choice.preferredRid) {
    const preferred = live.find((layer) => layer.rid === choice.preferredRid);
    if (preferred || choice.ridNotAvailable === 'none') return preferred;
    return live[0];
  }
  // With an order the best is wanted; without one, and nobody asking for a change, what still flows is kept.
  if (choice.priorityOrdering === 'asciibetical') return live[0];
  if (current && (live.includes(current) || choice.ridNotAvailable === 'none')) return current;
  return live[0];
}
