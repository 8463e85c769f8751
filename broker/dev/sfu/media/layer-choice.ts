import type { Layer } from './layer.ts';

/** Which layer a subscriber asked for; the API's own names and defaults. */
export interface LayerChoice {
  /** Empty or absent: the SFU chooses. */
  preferredRid?: string;
  /** `asciibetical`: where the wanted layer is off, the first of the others in a-z order. `none`: nothing then. */
  ridNotAvailable: 'none' | 'asciibetical';
}

/**
 * The layer to send now, out of those the publisher sends; undefined where the choice allows none. A publication without
 * simulcast has one, which is always it.
 */
export function chooseLayer(
  layers: Iterable<Layer>,
  choice: LayerChoice,
  current: Layer | undefined,
  now: number,
): Layer | undefined {
  const all = [...layers];
  if (all.length === 1 && all[0]!.rid === '') return all[0];
  const live = all.filter((layer) => layer.isLive(now)).sort((a, b) => (a.rid < b.rid ? -1 : 1));
  if (choice.preferredRid) {
    const preferred = live.find((layer) => layer.rid === choice.preferredRid);
    if (preferred || choice.ridNotAvailable === 'none') return preferred;
    return live[0];
  }
  // Nobody asked for a change, so a layer that still flows is kept.
  if (current && (live.includes(current) || choice.ridNotAvailable === 'none')) return current;
  return live[0];
}
