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

/** Who shows a screen now, in order of arrival, self excepted. */
export function screenSharers({ participants, selfId }: InCall): string[] {
  return participants.filter((sharer) => sharer.id !== selfId && isSending(sharer, 'screen')).map(({ id }) => id);
}
