import { inCall, isSending, tiles } from '../../call/select.ts';
import type { CallState, InCall } from '../../call/state.ts';

/** One picture in the call. */
export interface TileRef {
  participantId: string;
  source: 'camera' | 'screen';
}

export interface Tiles {
  /** The shared screen that has the stage: the one of whoever arrived last. */
  stage?: TileRef;
  /** Everybody, then the screens that did not get the stage. */
  rest: readonly TileRef[];
}

/** What the grid shows. My own screen is not shown back to me. */
export function selectTiles(state: CallState): Tiles {
  const call = inCall(state);
  if (!call) return { rest: [] };
  const [stage, ...screens] = screenSharers(call)
    .toReversed()
    .map((participantId): TileRef => ({ participantId, source: 'screen' }));
  const cameras = tiles(call).map(({ id }): TileRef => ({ participantId: id, source: 'camera' }));
  return { ...(stage && { stage }), rest: [...cameras, ...screens] };
}

/** Pictures of one page. More at a time nobody follows, and each one costs. */
export const PAGE_TILES = 12;

/** What one page shows; a page that is not there any more is the last. Beside a stage there are no pages. */
export function pageOf({ stage, rest }: Tiles, wanted: number): Tiles & { page: number; pages: number } {
  if (stage) return { stage, rest, page: 0, pages: 1 };
  const pages = Math.max(1, Math.ceil(rest.length / PAGE_TILES));
  const page = Math.min(wanted, pages - 1);
  return { rest: rest.slice(page * PAGE_TILES, (page + 1) * PAGE_TILES), page, pages };
}

/** Who shows a screen now, in order of arrival, self excepted. */
export function screenSharers({ participants, selfId }: InCall): string[] {
  return participants.filter((sharer) => sharer.id !== selfId && isSending(sharer, 'screen')).map(({ id }) => id);
}
