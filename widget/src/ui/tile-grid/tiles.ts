import type { InCall, CallState } from '../../call/state.ts';

/** One picture in the call. */
export interface TileRef {
  participantId: string;
  source: 'camera' | 'screen';
}

export interface Tiles {
  /** The shared screen that has the stage. */
  stage: TileRef | undefined;
  /** Everybody in order of arrival, self last, then the screens that did not get the stage. */
  rest: readonly TileRef[];
}

/** What the grid shows. My own screen is not shown back to me. */
export function selectTiles({ call }: CallState): Tiles {
  if (call.phase !== 'in-call') return { stage: undefined, rest: [] };
  const [stage, ...screens] = screenSharers(call)
    .toReversed()
    .map((participantId): TileRef => ({ participantId, source: 'screen' }));
  const others = call.participants.filter(({ id }) => id !== call.selfId);
  const self = call.participants.filter(({ id }) => id === call.selfId);
  const cameras = [...others, ...self].map(({ id }): TileRef => ({ participantId: id, source: 'camera' }));
  return { stage, rest: [...cameras, ...screens] };
}

/** Who shares a screen now, in order of arrival, self excepted. */
export function screenSharers({ participants, selfId }: InCall): string[] {
  return participants
    .filter(({ id, tracks }) => id !== selfId && tracks.some((track) => track.source === 'screen' && !track.muted))
    .map(({ id }) => id);
}
