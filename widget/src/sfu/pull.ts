import { SOURCE_KIND, compact, type RemoteTrackRequest, type TrackResult } from '#protocol';
import type { WantedTrack } from '../call/ports.ts';
import { trackKey, type RemoteTrackState } from '../call/state.ts';
import type { Kind } from './receive-plan.ts';
import type { Slot } from './receive-slots.ts';

export type PullPhase =
  /** To be pulled, again after `failures`; `errorCode` once enough tries failed to say so. */
  | { name: 'waiting'; notBefore: number; errorCode: string }
  | { name: 'requested' }
  /** The SFU sends it into the slot; its packets have not been seen yet. */
  | { name: 'settling'; slot: Slot; since: number }
  | { name: 'playing'; slot: Slot };

/** One wanted remote track, and how far it has come. */
export class Pull {
  readonly key: string;
  readonly kind: Kind;
  readonly sessionId: string;
  readonly trackName: string;
  /** Undefined for a track pulled at the join, until the call names whose it is. */
  wanted: WantedTrack | undefined;
  phase: PullPhase = { name: 'waiting', notBefore: 0, errorCode: '' };
  /** What the call was told last. */
  reported: RemoteTrackState['status'] | undefined;
  /** In a row. */
  failures = 0;
  /** The layer the SFU was asked for last; undefined where that came to nothing. */
  rid: string | undefined;
  /** False once the SFU refused to put it into a section that had carried another track. */
  mayRepoint = true;

  constructor({ sessionId, trackName, kind }: { sessionId: string; trackName: string; kind: Kind }) {
    this.key = trackKey(sessionId, trackName);
    this.sessionId = sessionId;
    this.trackName = trackName;
    this.kind = kind;
  }

  static of(wanted: WantedTrack): Pull {
    return new Pull({ ...wanted, kind: SOURCE_KIND[wanted.source] });
  }

  get state(): RemoteTrackState {
    if (this.phase.name === 'playing') return { status: 'playing' };
    if (this.phase.name === 'waiting' && this.phase.errorCode !== '')
      return { status: 'failed', errorCode: this.phase.errorCode };
    return { status: 'pulling' };
  }

  get slot(): Slot | undefined {
    return this.phase.name === 'settling' || this.phase.name === 'playing' ? this.phase.slot : undefined;
  }

  /** Whose it is, as `participantId/source`; empty where that is not known yet. */
  get owner(): string {
    return this.wanted ? `${this.wanted.participantId}/${this.wanted.source}` : '';
  }

  /** The layer that is wanted; undefined where there are none. */
  get wantedRid(): string | undefined {
    return this.wanted?.rid ?? this.wanted?.rids.at(-1);
  }

  /** Does the SFU send another layer than the wanted one? */
  get isOffLayer(): boolean {
    return this.slot !== undefined && this.rid !== this.wantedRid;
  }

  /** What to ask the SFU for, with the layer that is wanted now. A choice of layers of a track without any is refused. */
  request(): RemoteTrackRequest {
    const { sessionId, trackName, wantedRid: preferredRid } = this;
    this.rid = preferredRid;
    const order = 'asciibetical';
    const simulcast =
      preferredRid === undefined
        ? undefined
        : ({ preferredRid, priorityOrdering: order, ridNotAvailable: order } as const);
    return compact({ location: 'remote', sessionId, trackName, simulcast });
  }

  /** This pull's part of an answer of the SFU. */
  findResult(results: readonly TrackResult[]): TrackResult | undefined {
    return results.find(
      ({ trackName, sessionId }) => trackName === this.trackName && (sessionId ?? this.sessionId) === this.sessionId,
    );
  }

  settle(slot: Slot, now: number): void {
    this.phase = { name: 'settling', slot, since: now };
  }

  /** Ends the hold on the slot; the slot's own fate is the receiver's affair. */
  wait(notBefore: number, errorCode: string): void {
    this.phase = { name: 'waiting', notBefore, errorCode };
  }
}
