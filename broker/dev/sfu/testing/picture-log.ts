import { RtcpType, splitRtcp } from '../rtcp/rtcp-packet.ts';
import { readSenderReport } from '../rtcp/reports.ts';
import { startsKeyFrame } from '../rtp/key-frame.ts';
import { isRtcp, parseRtp, type RtpPacket } from '../rtp/rtp-packet.ts';
import { sequenceDistance, timestampDistance } from '../rtp/sequence.ts';
import { vp8PayloadStart } from '../rtp/vp8-descriptor.ts';

/** One picture of a VP8 stream, at its first packet. */
export interface Picture {
  ssrc: number;
  timestamp: number;
  /** From the packet before it in the stream: 1 where none is missing. */
  step: number;
  /** Of a key frame; undefined else. */
  width: number | undefined;
}

const CLOCK_PER_MS = 90;

/** The pictures that a client gets on several streams, in the order of their arrival: which no load of the machine changes. */
export class PictureLog {
  readonly pictures: Picture[] = [];
  /** Streams whose sender has told its clock. */
  readonly clocked = new Set<number>();
  readonly #last = new Map<number, { timestamp: number; sequence: number }>();
  readonly #waiters = new Set<() => void>();

  take(buffer: Buffer): void {
    if (isRtcp(buffer)) this.#takeReports(buffer);
    else {
      const packet = parseRtp(buffer);
      if (packet) this.#takeMedia(packet);
    }
    for (const check of this.#waiters) check();
  }

  until(test: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!test()) return;
        this.#waiters.delete(check);
        resolve();
      };
      this.#waiters.add(check);
      check();
    });
  }

  /** Of one stream, from that place in the log on. */
  of(ssrc: number, from = 0): Picture[] {
    return this.pictures.slice(from).filter((picture) => picture.ssrc === ssrc);
  }

  /** The key frame of a stream that came closest to that picture: a packet goes to all who get it, one after the other. */
  closestKeyFrame(picture: Picture, ssrc: number): Picture {
    const at = this.pictures.indexOf(picture);
    const distance = (other: Picture): number => Math.abs(this.pictures.indexOf(other) - at);
    const keyFrames = this.of(ssrc).filter(({ width }) => width !== undefined);
    return keyFrames.reduce((best, other) => (distance(other) < distance(best) ? other : best));
  }

  /**
   * The longest time, in milliseconds by the stream `beside` it, for which a stream stood still while that one went on.
   * A machine that is late delays both. What passes before that one's first picture, and after its last, is not counted.
   */
  longestStandstill(ssrc: number, beside: number, from: number): number {
    let longest = 0;
    let since: number | undefined;
    for (const picture of this.pictures.slice(from)) {
      if (picture.ssrc === ssrc) since = undefined;
      if (picture.ssrc !== beside) continue;
      since ??= picture.timestamp;
      longest = Math.max(longest, timestampDistance(picture.timestamp, since));
    }
    return longest / CLOCK_PER_MS;
  }

  #takeReports(buffer: Buffer): void {
    for (const packet of splitRtcp(buffer)) {
      const report = packet.type === RtcpType.senderReport ? readSenderReport(packet.buffer) : undefined;
      if (report) this.clocked.add(report.ssrc);
    }
  }

  #takeMedia(packet: RtpPacket): void {
    const { ssrc, timestamp, sequence } = packet;
    const last = this.#last.get(ssrc);
    if (last && sequenceDistance(sequence, last.sequence) <= 0) return;
    this.#last.set(ssrc, { timestamp, sequence });
    if (last?.timestamp === timestamp) return;
    const step = last ? sequenceDistance(sequence, last.sequence) : 1;
    this.pictures.push({ ssrc, timestamp, step, width: keyFrameWidth(packet) });
  }
}

/** RFC 6386 section 9.1: behind tag and start code. */
function keyFrameWidth(packet: RtpPacket): number | undefined {
  if (!startsKeyFrame('vp8', packet)) return undefined;
  const { buffer, payloadStart, payloadEnd } = packet;
  return buffer.readUInt16LE(vp8PayloadStart(buffer, payloadStart, payloadEnd) + 6) & 0x3fff;
}
