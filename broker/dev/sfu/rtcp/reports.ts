import { RtcpType } from './rtcp-packet.ts';

/** How one received stream does (RFC 3550 section 6.4.1). */
export interface ReportBlock {
  ssrc: number;
  /** Of 256, since the last report. */
  fractionLost: number;
  packetsLost: number;
  /** With the number of wrap-arounds in the upper half. */
  highestSequence: number;
  /** In the stream's clock. */
  jitter: number;
  /** Middle 32 bits of the last sender report's NTP time; 0 where there was none. */
  lastSenderReport: number;
  /** Since that report, in 1/65536 s. */
  delaySinceLastSenderReport: number;
}

export interface SenderReport {
  ssrc: number;
  ntpSeconds: number;
  ntpFraction: number;
  timestamp: number;
  packets: number;
  octets: number;
}

const BLOCK_BYTES = 24;
const SENDER_REPORT_BYTES = 28;
const CNAME = 1;

/** The most blocks that fit into one report. */
export const REPORT_BLOCKS_MAX = 31;

export function writeReceiverReport(sender: number, blocks: readonly ReportBlock[]): Buffer {
  const packet = Buffer.alloc(8 + blocks.length * BLOCK_BYTES);
  packet[0] = 0x80 | blocks.length;
  packet[1] = RtcpType.receiverReport;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(sender, 4);
  blocks.forEach((block, index) => {
    const offset = 8 + index * BLOCK_BYTES;
    packet.writeUInt32BE(block.ssrc, offset);
    packet[offset + 4] = block.fractionLost;
    packet.writeUIntBE(block.packetsLost & 0xffffff, offset + 5, 3);
    packet.writeUInt32BE(block.highestSequence >>> 0, offset + 8);
    packet.writeUInt32BE(block.jitter >>> 0, offset + 12);
    packet.writeUInt32BE(block.lastSenderReport >>> 0, offset + 16);
    packet.writeUInt32BE(block.delaySinceLastSenderReport >>> 0, offset + 20);
  });
  return packet;
}

/** Of a receiver report: what share of each stream's packets was lost since the last one, from 0 to 1. */
export function readLosses(packet: Buffer): { ssrc: number; fractionLost: number }[] {
  const losses: { ssrc: number; fractionLost: number }[] = [];
  for (let offset = 8; offset + BLOCK_BYTES <= packet.length; offset += BLOCK_BYTES)
    losses.push({ ssrc: packet.readUInt32BE(offset), fractionLost: packet[offset + 4]! / 256 });
  return losses;
}

/** A sender report and the source description that must go with it. */
export function writeSenderReport(report: SenderReport, cname: string): Buffer {
  const name = Buffer.from(cname, 'latin1');
  // One byte of zero ends the items, and the chunk ends on a word.
  const descriptionBytes = Math.ceil((8 + 2 + name.length + 1) / 4) * 4;
  const packet = Buffer.alloc(SENDER_REPORT_BYTES + descriptionBytes);
  packet[0] = 0x80;
  packet[1] = RtcpType.senderReport;
  packet.writeUInt16BE(SENDER_REPORT_BYTES / 4 - 1, 2);
  packet.writeUInt32BE(report.ssrc, 4);
  packet.writeUInt32BE(report.ntpSeconds, 8);
  packet.writeUInt32BE(report.ntpFraction, 12);
  packet.writeUInt32BE(report.timestamp >>> 0, 16);
  packet.writeUInt32BE(report.packets >>> 0, 20);
  packet.writeUInt32BE(report.octets >>> 0, 24);
  packet[SENDER_REPORT_BYTES] = 0x81;
  packet[SENDER_REPORT_BYTES + 1] = RtcpType.sourceDescription;
  packet.writeUInt16BE(descriptionBytes / 4 - 1, SENDER_REPORT_BYTES + 2);
  packet.writeUInt32BE(report.ssrc, SENDER_REPORT_BYTES + 4);
  packet[SENDER_REPORT_BYTES + 8] = CNAME;
  packet[SENDER_REPORT_BYTES + 9] = name.length;
  name.copy(packet, SENDER_REPORT_BYTES + 10);
  return packet;
}

/** Reads a sender report, or returns undefined where it is cut short. */
export function readSenderReport(packet: Buffer): SenderReport | undefined {
  if (packet.length < SENDER_REPORT_BYTES) return undefined;
  return {
    ssrc: packet.readUInt32BE(4),
    ntpSeconds: packet.readUInt32BE(8),
    ntpFraction: packet.readUInt32BE(12),
    timestamp: packet.readUInt32BE(16),
    packets: packet.readUInt32BE(20),
    octets: packet.readUInt32BE(24),
  };
}
