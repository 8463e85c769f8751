/** One parsed RTP header over the buffer it came in; the buffer is never changed. */
export interface RtpPacket {
  readonly buffer: Buffer;
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  extensionProfile: number;
  /** The extension elements; equal where there are none. */
  extensionStart: number;
  extensionEnd: number;
  /** Padding is left out. */
  payloadStart: number;
  payloadEnd: number;
}

const ONE_BYTE_PROFILE = 0xbede;
const TWO_BYTE_PROFILE = 0x1000;

/** RFC 5761: the second byte tells RTCP from RTP on one port. */
export function isRtcp(buffer: Buffer): boolean {
  return buffer.length >= 8 && buffer[1]! >= 192 && buffer[1]! <= 223;
}

/** Parses the header, or returns undefined where this is no RTP packet. */
export function parseRtp(buffer: Buffer): RtpPacket | undefined {
  if (buffer.length < 12 || buffer[0]! >> 6 !== 2) return undefined;
  let offset = 12 + (buffer[0]! & 0x0f) * 4;
  let extensionProfile = 0;
  let extensionStart = 0;
  if (buffer[0]! & 0x10) {
    if (offset + 4 > buffer.length) return undefined;
    extensionProfile = buffer.readUInt16BE(offset);
    extensionStart = offset + 4;
    offset = extensionStart + buffer.readUInt16BE(offset + 2) * 4;
  }
  const padding = buffer[0]! & 0x20 ? buffer[buffer.length - 1]! : 0;
  const payloadEnd = buffer.length - padding;
  if (offset > payloadEnd) return undefined;
  return {
    buffer,
    payloadType: buffer[1]! & 0x7f,
    marker: buffer[1]! >= 0x80,
    sequence: buffer.readUInt16BE(2),
    timestamp: buffer.readUInt32BE(4),
    ssrc: buffer.readUInt32BE(8),
    extensionProfile,
    extensionStart,
    extensionEnd: extensionStart === 0 ? 0 : offset,
    payloadStart: offset,
    payloadEnd,
  };
}

/** Calls `visit` with id, offset and length of each header extension element, of either form of RFC 8285. */
export function visitExtensions(packet: RtpPacket, visit: (id: number, offset: number, length: number) => void): void {
  const { buffer, extensionProfile, extensionStart, extensionEnd } = packet;
  const oneByte = extensionProfile === ONE_BYTE_PROFILE;
  if (!oneByte && (extensionProfile & 0xfff0) !== TWO_BYTE_PROFILE) return;
  let offset = extensionStart;
  while (offset < extensionEnd) {
    const head = buffer[offset]!;
    if (head === 0) {
      offset += 1;
      continue;
    }
    const id = oneByte ? head >> 4 : head;
    // Id 15 of the one-byte form ends the elements.
    if (oneByte ? id === 15 : offset + 1 >= extensionEnd) return;
    const length = oneByte ? (head & 0x0f) + 1 : buffer[offset + 1]!;
    const start = offset + (oneByte ? 1 : 2);
    if (start + length > extensionEnd) return;
    visit(id, start, length);
    offset = start + length;
  }
}

/** The text of one extension, or undefined where the packet or the session has none. */
export function extensionText(packet: RtpPacket, id: number | undefined): string | undefined {
  let text: string | undefined;
  if (id !== undefined)
    visitExtensions(packet, (found, offset, length) => {
      if (found === id) text = packet.buffer.toString('latin1', offset, offset + length);
    });
  return text;
}

/** The 16-bit number of one extension. */
export function extensionNumber(packet: RtpPacket, id: number | undefined): number | undefined {
  let value: number | undefined;
  if (id !== undefined)
    visitExtensions(packet, (found, offset, length) => {
      if (found === id && length >= 2) value = packet.buffer.readUInt16BE(offset);
    });
  return value;
}

/** The original packet inside a retransmission (RFC 4588), or undefined where it is only padding. */
export function unwrapRetransmission(packet: RtpPacket, ssrc: number, payloadType: number): RtpPacket | undefined {
  if (packet.payloadEnd - packet.payloadStart < 2) return undefined;
  return {
    ...packet,
    ssrc,
    payloadType,
    sequence: packet.buffer.readUInt16BE(packet.payloadStart),
    payloadStart: packet.payloadStart + 2,
  };
}
