import { parseRtp, type RtpPacket } from '../rtp/rtp-packet.ts';

export interface RtpFields {
  payloadType?: number;
  marker?: boolean;
  sequence?: number;
  timestamp?: number;
  ssrc?: number;
  /** Id and content of one-byte header extensions. */
  extensions?: Record<number, Buffer>;
  payload?: Buffer;
}

/** The bytes of an RTP packet, put together without the code under test. */
export function rtpBytes(fields: RtpFields = {}): Buffer {
  const { payloadType = 96, marker = false, sequence = 0, timestamp = 0, ssrc = 1 } = fields;
  const { extensions = {}, payload = Buffer.from([0]) } = fields;
  const elements = Object.entries(extensions).map(([id, content]) =>
    Buffer.concat([Buffer.from([(Number(id) << 4) | (content.length - 1)]), content]),
  );
  const block = Buffer.concat(elements);
  const words = Math.ceil(block.length / 4);
  const head = Buffer.alloc(12);
  head[0] = 0x80 | (elements.length > 0 ? 0x10 : 0);
  head[1] = (marker ? 0x80 : 0) | payloadType;
  head.writeUInt16BE(sequence, 2);
  head.writeUInt32BE(timestamp, 4);
  head.writeUInt32BE(ssrc, 8);
  if (elements.length === 0) return Buffer.concat([head, payload]);
  const extensionHead = Buffer.from([0xbe, 0xde, 0, words]);
  return Buffer.concat([head, extensionHead, block, Buffer.alloc(words * 4 - block.length), payload]);
}

export function rtp(fields: RtpFields = {}): RtpPacket {
  return parseRtp(rtpBytes(fields))!;
}

/** A VP8 payload with a long picture id and a tl0picidx. */
export function vp8Payload({ keyFrame = false, pictureId = 0, tl0 = 0 } = {}): Buffer {
  return Buffer.from([
    0x90,
    0xe0,
    0x80 | (pictureId >> 8),
    pictureId & 0xff,
    tl0,
    0,
    keyFrame ? 0x10 : 0x11,
    0x02,
    0x00,
  ]);
}
