import { visitExtensions, type RtpPacket } from './rtp-packet.ts';

/** What an outgoing stream puts into the header extensions. */
export interface ExtensionPlan {
  /** The id that carries the mid, absent where the subscriber did not take it. */
  midId: number | undefined;
  mid: Buffer;
  /** From the publisher's id to the subscriber's. */
  copied: ReadonlyMap<number, number>;
}

/** The fields of the outgoing packet that differ from the incoming one. */
export interface OutgoingHeader {
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  /** For a retransmission: the sequence number it repeats. */
  originalSequence?: number;
}

const HEADER_BYTES = 12;
const EXTENSION_MAX_BYTES = 16;

/** The longest packet this writes: the largest datagram in, and a rebuilt header. */
export const PACKET_MAX_BYTES = 4096;

/**
 * Writes `packet` with a new header into `out`. Returns where the payload starts and where the packet ends.
 */
export function writeRtp(
  out: Buffer,
  packet: RtpPacket,
  header: OutgoingHeader,
  plan: ExtensionPlan,
): { payloadStart: number; end: number } {
  out[1] = (packet.marker ? 0x80 : 0) | header.payloadType;
  out.writeUInt16BE(header.sequence, 2);
  out.writeUInt32BE(header.timestamp, 4);
  out.writeUInt32BE(header.ssrc, 8);
  let offset = writeExtensions(out, packet, plan);
  if (header.originalSequence !== undefined) offset = out.writeUInt16BE(header.originalSequence, offset);
  const end = offset + packet.buffer.copy(out, offset, packet.payloadStart, packet.payloadEnd);
  return { payloadStart: offset, end };
}

/** Writes the extension block in the one-byte form and the first header byte; returns where the payload goes. */
function writeExtensions(out: Buffer, packet: RtpPacket, plan: ExtensionPlan): number {
  const start = HEADER_BYTES + 4;
  let offset = start;
  if (plan.midId !== undefined) {
    out[offset] = (plan.midId << 4) | (plan.mid.length - 1);
    offset += 1 + plan.mid.copy(out, offset + 1);
  }
  if (plan.copied.size > 0)
    visitExtensions(packet, (id, from, length) => {
      const to = plan.copied.get(id);
      if (to === undefined || length < 1 || length > EXTENSION_MAX_BYTES) return;
      out[offset] = (to << 4) | (length - 1);
      offset += 1 + packet.buffer.copy(out, offset + 1, from, from + length);
    });
  if (offset === start) {
    out[0] = 0x80;
    return HEADER_BYTES;
  }
  while (offset & 3) out[offset++] = 0;
  out[0] = 0x90;
  out.writeUInt16BE(0xbede, HEADER_BYTES);
  out.writeUInt16BE((offset - start) >> 2, HEADER_BYTES + 2);
  return offset;
}
