import { TRACKS_PER_CALL_MAX } from '#protocol';

export type Kind = 'audio' | 'video';

/** A track that is wanted and not requested. */
export interface WaitingPull {
  key: string;
  kind: Kind;
  /** Failures so far: one that failed is pulled alone, so that it delays nobody else. */
  failures: number;
  /** Clock time before which it is left alone. */
  notBefore: number;
  /** It may be put into a section that carried another track. */
  mayRepoint: boolean;
  /** Whose it is. */
  owner: string;
}

/** A section whose track nobody wants any more. */
export interface LeavingSlot {
  mid: string;
  kind: Kind;
  /** Whose last picture or sound is in it. */
  owner: string;
  /** Clock time before which somebody may still come in their place. */
  notBefore: number;
}

export type ReceiveOperation =
  /** Point sections at other tracks: one call, no description. */
  | { type: 'repoint'; keys: string[]; mids: string[] }
  | { type: 'release'; mids: string[] }
  | { type: 'pull'; keys: string[] }
  /** Other layers of what is received: one call, no description. */
  | { type: 'relayer'; keys: string[] }
  /** Nothing to do before that time. */
  | { type: 'wait'; until: number };

export interface ReceiveSituation {
  /** Most wanted first. */
  waiting: readonly WaitingPull[];
  leaving: readonly LeavingSlot[];
  /** What is received in another layer than wanted, and the time before which nothing is done about it. */
  offLayer: readonly string[];
  relayerNotBefore: number;
  now: number;
}

/**
 * The next operation of the receiving session, if any: hand on what is not wanted, or free it, then sound before pictures,
 * then layers, then suspects. To hand a section on is one call, to free it and take another are two: it is kept for a moment,
 * unless the one that waits for a section may not have it.
 */
export function planReceive(situation: ReceiveSituation): ReceiveOperation | undefined {
  const { waiting, leaving, offLayer, relayerNotBefore, now } = situation;
  const due = waiting.filter((pull) => pull.notBefore <= now);
  const healthy = due.filter((pull) => pull.failures === 0);

  const repoint = pair(
    leaving,
    healthy.filter(({ mayRepoint }) => mayRepoint),
  );
  if (repoint.keys.length > 0) return { type: 'repoint', ...repoint };
  const freed = leaving.filter(({ kind, notBefore }) => notBefore <= now || healthy.some((pull) => pull.kind === kind));
  if (freed.length > 0) return { type: 'release', mids: freed.slice(0, TRACKS_PER_CALL_MAX).map(({ mid }) => mid) };

  const ordered = [
    ...healthy.filter(({ kind }) => kind === 'audio'),
    ...healthy.filter(({ kind }) => kind === 'video'),
  ];
  if (ordered.length > 0) return { type: 'pull', keys: ordered.slice(0, TRACKS_PER_CALL_MAX).map(({ key }) => key) };

  const mayRelayer = offLayer.length > 0;
  if (mayRelayer && relayerNotBefore <= now) return { type: 'relayer', keys: offLayer.slice(0, TRACKS_PER_CALL_MAX) };

  const [suspect] = due;
  if (suspect) return { type: 'pull', keys: [suspect.key] };
  const until = Math.min(
    mayRelayer ? relayerNotBefore : Infinity,
    ...[...waiting, ...leaving].map(({ notBefore }) => notBefore),
  );
  return until < Infinity ? { type: 'wait', until } : undefined;
}

/**
 * A wanted track takes the leaving section of its owner, whose new session the picture then goes on from; otherwise the
 * first of its kind.
 */
function pair(leaving: readonly LeavingSlot[], waiting: readonly WaitingPull[]): { keys: string[]; mids: string[] } {
  const free = [...leaving];
  const keys: string[] = [];
  const mids: string[] = [];
  for (const isOwn of [true, false])
    for (const { key, kind, owner } of waiting) {
      if (keys.includes(key) || keys.length === TRACKS_PER_CALL_MAX) continue;
      const index = free.findIndex((slot) => slot.kind === kind && (!isOwn || slot.owner === owner));
      const [slot] = index < 0 ? [] : free.splice(index, 1);
      if (!slot) continue;
      keys.push(key);
      mids.push(slot.mid);
    }
  return { keys, mids };
}
