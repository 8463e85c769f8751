import type { Kind } from './receive-plan.ts';

/** What a receiving section has received, counted for each stream that runs through it. */
export interface Inbound {
  /** A section that is negotiated anew gets another; Chromium forgets the previous one and its counts. */
  ssrcs: readonly number[];
  packets: number;
  frames: number;
  keyFrames: number;
  /** 0 to 1, of what was played. */
  audioLevel: number;
}

export const NOTHING_RECEIVED: Inbound = { ssrcs: [], packets: 0, frames: 0, keyFrames: 0, audioLevel: 0 };

/** A picture without a new key frame can be no other track's; not every browser counts key frames. */
const FRAMES_SUFFICE_AFTER_MS = 1_000;

/** One `getStats` for the whole connection, by mid. */
export async function readInbound(peer: RTCPeerConnection): Promise<Map<string, Inbound>> {
  const midOfTrack = new Map(peer.getTransceivers().map(({ mid, receiver }) => [receiver.track.id, mid]));
  const inbound = new Map<string, Inbound>();
  const report = await peer.getStats();
  report.forEach((stats: RTCInboundRtpStreamStats) => {
    if (stats.type !== 'inbound-rtp') return;
    const mid = stats.mid ?? midOfTrack.get(stats.trackIdentifier);
    if (mid === undefined || mid === null) return;
    const before = inbound.get(mid) ?? NOTHING_RECEIVED;
    inbound.set(mid, {
      ssrcs: [...before.ssrcs, stats.ssrc],
      packets: before.packets + (stats.packetsReceived ?? 0),
      frames: before.frames + (stats.framesDecoded ?? 0),
      keyFrames: before.keyFrames + (stats.keyFramesDecoded ?? 0),
      audioLevel: Math.max(before.audioLevel, stats.audioLevel ?? 0),
    });
  });
  return inbound;
}

/** Has media of a new track arrived since `before`? What still arrives of the previous one does not count. */
export function hasArrived(kind: Kind, before: Inbound, now: Inbound, elapsed: number): boolean {
  const isCounted = before.ssrcs.every((ssrc) => now.ssrcs.includes(ssrc));
  const { packets, frames, keyFrames } = isCounted ? before : NOTHING_RECEIVED;
  if (kind === 'audio') return now.packets > packets;
  if (now.keyFrames > keyFrames) return true;
  return now.frames > frames && elapsed > FRAMES_SUFFICE_AFTER_MS;
}
