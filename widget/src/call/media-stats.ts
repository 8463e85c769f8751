import type { Source } from '#protocol';

/** How well the call goes for this visitor, from nothing at all to as good as it gets. */
export type Quality = 0 | 1 | 2 | 3 | 4;

/** What went over both connections since the last time, about two seconds ago. */
export interface MediaStats {
  quality: Quality;
  /** Milliseconds to the SFU and back; absent before the first answer. */
  rtt?: number;
  /** Packets lost on the way to me and from me, 0 to 1. */
  lossIn: number;
  lossOut: number;
  /** Bits per second. */
  bitrateIn: number;
  bitrateOut: number;
  /** Pictures shown per second, all participants together. */
  fps: number;
  /** How often a picture of somebody stood still. */
  freezes: number;
  /** What was received of each source. */
  received: readonly ReceivedSource[];
}

export interface ReceivedSource {
  participantId: string;
  source: Source;
  bytes: number;
}
