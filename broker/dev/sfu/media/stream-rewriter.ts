import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { addSequence, addTimestamp, sequenceDistance, timestampDistance } from '../rtp/sequence.ts';
import { readVp8Counters } from '../rtp/vp8-descriptor.ts';

/** An incoming packet with the numbers it goes out under. */
export interface RewrittenPacket {
  packet: RtpPacket;
  sequence: number;
  timestamp: number;
  /** To be added to the VP8 counters of the payload. */
  pictureIdShift: number;
  tl0Shift: number;
}

/** Behind this many packets the sequence numbers may have come half way round, and "older" means nothing. */
const OLDER_THAN_SPLICE_PACKETS = 1000;
const SECONDS_APART_MAX = 10;

/** Joins the streams of several sources, one after the other, into one that looks to its receiver like one source. */
export class StreamRewriter {
  readonly #clockRate: number;
  readonly #isVp8: boolean;
  #started = false;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  #shift = { pictureId: 0, tl0: 0 };
  #last = { sequence: 0, timestamp: 0, at: 0, pictureId: -1, tl0: -1 };
  #splicedAt = 0;
  #sinceSplice = 0;

  constructor(codec: { name: string; clockRate: number }) {
    this.#clockRate = codec.clockRate;
    this.#isVp8 = codec.name === 'vp8';
  }

  get timestampOffset(): number {
    return this.#timestampOffset;
  }

  /**
   * Goes over to another source, whose first packet this is. `aligned` is that packet's timestamp on the old source's
   * clock where it is known; else the time that went by decides.
   */
  splice(packet: RtpPacket, now: number, aligned?: number): void {
    if (this.#started) {
      const last = this.#last;
      this.#sequenceOffset = addSequence(last.sequence, 1 - packet.sequence);
      this.#timestampOffset = addTimestamp(this.#nextTimestamp(now, aligned), -packet.timestamp);
      if (this.#isVp8) {
        const { pictureId, tl0PictureIndex } = this.#counters(packet);
        this.#shift = {
          pictureId: pictureId && last.pictureId >= 0 ? last.pictureId + 1 - pictureId.value : 0,
          tl0: tl0PictureIndex && last.tl0 >= 0 ? last.tl0 + 1 - tl0PictureIndex.value : 0,
        };
      }
    } else {
      this.#started = true;
      this.#last = { ...this.#last, sequence: addSequence(packet.sequence, -1), timestamp: packet.timestamp, at: now };
    }
    this.#splicedAt = packet.sequence;
    this.#sinceSplice = 0;
  }

  /** Undefined for a packet from before the splice, which would be taken for one of the old source. */
  rewrite(packet: RtpPacket, now: number): RewrittenPacket | undefined {
    if (this.#sinceSplice < OLDER_THAN_SPLICE_PACKETS && sequenceDistance(packet.sequence, this.#splicedAt) < 0)
      return undefined;
    this.#sinceSplice += 1;
    const sequence = addSequence(packet.sequence, this.#sequenceOffset);
    const timestamp = addTimestamp(packet.timestamp, this.#timestampOffset);
    if (sequenceDistance(sequence, this.#last.sequence) > 0) this.#remember(packet, sequence, timestamp, now);
    return { packet, sequence, timestamp, pictureIdShift: this.#shift.pictureId, tl0Shift: this.#shift.tl0 };
  }

  #remember(packet: RtpPacket, sequence: number, timestamp: number, now: number): void {
    const last = this.#last;
    last.sequence = sequence;
    last.timestamp = timestamp;
    last.at = now;
    if (!this.#isVp8) return;
    const { pictureId, tl0PictureIndex } = this.#counters(packet);
    if (pictureId) last.pictureId = (pictureId.value + this.#shift.pictureId) & 0x7fff;
    if (tl0PictureIndex) last.tl0 = (tl0PictureIndex.value + this.#shift.tl0) & 0xff;
  }

  #counters(packet: RtpPacket): ReturnType<typeof readVp8Counters> {
    return readVp8Counters(packet.buffer, packet.payloadStart, packet.payloadEnd);
  }

  #nextTimestamp(now: number, aligned: number | undefined): number {
    if (aligned !== undefined) {
      const candidate = addTimestamp(aligned, this.#timestampOffset);
      const ahead = timestampDistance(candidate, this.#last.timestamp);
      // The same moment again: a late machine's waiting must not be added to the clock.
      if (Math.abs(ahead) < this.#clockRate * SECONDS_APART_MAX)
        return ahead > 0 ? candidate : addTimestamp(this.#last.timestamp, 1);
    }
    const elapsed = Math.round(((now - this.#last.at) * this.#clockRate) / 1000);
    return addTimestamp(this.#last.timestamp, Math.max(1, elapsed));
  }
}
