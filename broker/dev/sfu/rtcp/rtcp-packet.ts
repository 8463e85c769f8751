/** RTCP packet types (RFC 3550, RFC 4585) and feedback formats in use here. */
export const RtcpType = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  transportFeedback: 205,
  payloadFeedback: 206,
} as const;

export const FeedbackFormat = {
  /** Of transportFeedback. */
  nack: 1,
  transportSequence: 15,
  /** Of payloadFeedback. */
  pictureLoss: 1,
  fullIntraRequest: 4,
} as const;

export interface RtcpPacket {
  type: number;
  /** The five bits behind the padding bit: a feedback format or a count. */
  format: number;
  /** The whole packet, its header included. */
  buffer: Buffer;
}

/** Splits a compound packet; what is cut off at the end is left out. */
export function* splitRtcp(compound: Buffer): Generator<RtcpPacket> {
  let offset = 0;
  while (offset + 4 <= compound.length) {
    const length = (compound.readUInt16BE(offset + 2) + 1) * 4;
    if (offset + length > compound.length) return;
    const buffer = compound.subarray(offset, offset + length);
    yield { type: buffer[1]!, format: buffer[0]! & 0x1f, buffer };
    offset += length;
  }
}

export const FEEDBACK_HEADER_BYTES = 12;

/** Writes a feedback packet with `body` behind the two SSRCs; the body's length is padded to whole words by RTCP padding. */
export function writeFeedback(type: number, format: number, sender: number, media: number, body: Buffer): Buffer {
  const padding = (4 - (body.length % 4)) % 4;
  const packet = Buffer.alloc(FEEDBACK_HEADER_BYTES + body.length + padding);
  packet[0] = 0x80 | (padding ? 0x20 : 0) | format;
  packet[1] = type;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(sender, 4);
  packet.writeUInt32BE(media, 8);
  body.copy(packet, FEEDBACK_HEADER_BYTES);
  if (padding) packet[packet.length - 1] = padding;
  return packet;
}
