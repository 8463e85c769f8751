import { FEEDBACK_HEADER_BYTES, FeedbackFormat, RtcpType, writeFeedback } from './rtcp-packet.ts';

/** Asks for a key frame (RFC 4585 PLI). */
export function writePictureLoss(sender: number, media: number): Buffer {
  return writeFeedback(RtcpType.payloadFeedback, FeedbackFormat.pictureLoss, sender, media, Buffer.alloc(0));
}

/** Asks for lost packets again (RFC 4585 generic NACK). `sequences` in the order they were lost. */
export function writeNack(sender: number, media: number, sequences: readonly number[]): Buffer {
  const items: { first: number; following: number }[] = [];
  for (const sequence of sequences) {
    const last = items.at(-1);
    const distance = last ? (sequence - last.first) & 0xffff : 0;
    if (last && distance >= 1 && distance <= 16) last.following |= 1 << (distance - 1);
    else items.push({ first: sequence, following: 0 });
  }
  const body = Buffer.alloc(items.length * 4);
  items.forEach(({ first, following }, index) => {
    body.writeUInt16BE(first, index * 4);
    body.writeUInt16BE(following, index * 4 + 2);
  });
  return writeFeedback(RtcpType.transportFeedback, FeedbackFormat.nack, sender, media, body);
}

/** The sequence numbers a NACK asks for. */
export function readNack(packet: Buffer): number[] {
  const sequences: number[] = [];
  for (let offset = FEEDBACK_HEADER_BYTES; offset + 4 <= packet.length; offset += 4) {
    const first = packet.readUInt16BE(offset);
    const following = packet.readUInt16BE(offset + 2);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit++) if ((following >> bit) & 1) sequences.push((first + bit + 1) & 0xffff);
  }
  return sequences;
}

/** The SSRC a key-frame request is about: a PLI names it in the header, a FIR in its first entry. */
export function keyFrameRequestTarget(format: number, packet: Buffer): number | undefined {
  if (format === FeedbackFormat.pictureLoss) return packet.length >= 12 ? packet.readUInt32BE(8) : undefined;
  if (format === FeedbackFormat.fullIntraRequest) return packet.length >= 16 ? packet.readUInt32BE(12) : undefined;
  return undefined;
}
