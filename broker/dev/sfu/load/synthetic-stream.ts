import { randomInt } from 'node:crypto';
import { Extension } from '../sdp/header-extension.ts';

/** Made-up media: packets of the right number and size with nothing in them but the time they were sent. */
export interface StreamPlan {
  kind: 'audio' | 'video';
  trackName: string;
  bitsPerSecond: number;
  /** Of audio: packets. */
  framesPerSecond: number;
  /** Encoded VP8 to send over and over, beginning with a key frame: a picture that a browser can show. */
  frames?: readonly Buffer[];
  /** Of a layer, one letter: plans of one track name are the layers of its simulcast. */
  rid?: string;
}

/** The payload types and extension ids that synthetic clients offer. */
export const PAYLOAD_TYPE = { audio: 111, video: 96, retransmission: 97 } as const;
export const EXTENSION_ID = { transportSequence: 3, mid: 4, rid: 5 } as const;
export const EXTENSION_LINES: readonly string[] = [
  `a=extmap:${EXTENSION_ID.transportSequence} ${Extension.transportSequence}`,
  `a=extmap:${EXTENSION_ID.mid} ${Extension.mid}`,
  `a=extmap:${EXTENSION_ID.rid} ${Extension.rid}`,
];

const PAYLOAD_MAX_BYTES = 1_150;
/** An encoder's key frames are a few times larger than the others. */
const KEY_FRAME_FACTOR = 4;
const HEADER_BYTES = 12;
const EXTENSIONS_BYTES = 12;
const PAYLOAD_START = HEADER_BYTES + EXTENSIONS_BYTES;
/** Of VP8, in each packet. */
const DESCRIPTOR_BYTES = 4;
/** In the payload, behind what a VP8 stream begins with. */
const SENT_AT_OFFSET = 8;
const PAYLOAD_MIN_BYTES = SENT_AT_OFFSET + 8;
const SSRC_MAX = 2 ** 32 - 2;

/** One stream that a synthetic client sends. */
export class SyntheticStream {
  readonly plan: StreamPlan;
  readonly mid: string;
  readonly ssrc = randomInt(1, SSRC_MAX);
  packets = 0;
  readonly #packet = Buffer.alloc(PAYLOAD_START + PAYLOAD_MAX_BYTES);
  #sequence = randomInt(0x10000);
  #frames = 0;
  /** In the encoded frames of the plan. */
  #position = 0;
  #wantsKeyFrame = true;
  #dueAt: number | undefined;

  constructor(plan: StreamPlan, mid: string) {
    this.plan = plan;
    this.mid = mid;
    this.#writeConstants();
  }

  requestKeyFrame(): void {
    this.#wantsKeyFrame = true;
  }

  /** Sends the frames that are due. `nextTransportSequence` numbers all packets of the connection. */
  pump(now: number, nextTransportSequence: () => number, send: (packet: Buffer) => void): void {
    const interval = 1_000 / this.plan.framesPerSecond;
    // Streams that start together must not burst together.
    this.#dueAt ??= now + Math.random() * interval;
    for (; this.#dueAt <= now; this.#dueAt += interval) this.#sendFrame(nextTransportSequence, send);
  }

  #sendFrame(nextTransportSequence: () => number, send: (packet: Buffer) => void): void {
    const { kind, bitsPerSecond, framesPerSecond, frames } = this.plan;
    const encoded = frames && this.#nextFrame(frames);
    const isKeyFrame = kind === 'video' && (encoded ? encoded === frames[0] : this.#wantsKeyFrame);
    this.#wantsKeyFrame = false;
    const clockRate = kind === 'video' ? 90_000 : 48_000;
    const timestamp = Math.round((this.#frames * clockRate) / framesPerSecond) >>> 0;
    let left = encoded?.length ?? (bitsPerSecond / 8 / framesPerSecond) * (isKeyFrame ? KEY_FRAME_FACTOR : 1);
    for (let isFirst = true; isFirst || left > 0; isFirst = false) {
      const packet = this.#packet;
      if (kind === 'video') this.#writeVp8(isFirst, isKeyFrame);
      const length = encoded ? this.#copy(encoded, encoded.length - left) : this.#makeUp(Math.round(left));
      left -= encoded ? length - DESCRIPTOR_BYTES : length;
      packet[1] = (left <= 0 ? 0x80 : 0) | PAYLOAD_TYPE[kind];
      packet.writeUInt16BE((this.#sequence = (this.#sequence + 1) & 0xffff), 2);
      packet.writeUInt32BE(timestamp, 4);
      packet.writeUInt16BE(nextTransportSequence(), HEADER_BYTES + 5);
      send(packet.subarray(0, PAYLOAD_START + length));
      this.packets += 1;
    }
    this.#frames += 1;
  }

  /** Over again where a key frame is wanted. */
  #nextFrame(frames: readonly Buffer[]): Buffer | undefined {
    if (this.#wantsKeyFrame) this.#position = 0;
    return frames[this.#position++ % frames.length];
  }

  /** The next bytes of a frame, behind the descriptor. The payload's length. */
  #copy(frame: Buffer, offset: number): number {
    return DESCRIPTOR_BYTES + frame.copy(this.#packet, PAYLOAD_START + DESCRIPTOR_BYTES, offset);
  }

  /** Nothing but the time. The payload's length. */
  #makeUp(wanted: number): number {
    this.#packet.writeDoubleBE(performance.now(), PAYLOAD_START + SENT_AT_OFFSET);
    return Math.max(PAYLOAD_MIN_BYTES, Math.min(wanted, PAYLOAD_MAX_BYTES));
  }

  /** What stays the same in each packet: version, SSRC and the layout of the extensions. */
  #writeConstants(): void {
    const packet = this.#packet;
    packet[0] = 0x90;
    packet.writeUInt32BE(this.ssrc, 8);
    packet.writeUInt16BE(0xbede, HEADER_BYTES);
    packet.writeUInt16BE((EXTENSIONS_BYTES - 4) / 4, HEADER_BYTES + 2);
    packet[HEADER_BYTES + 4] = (EXTENSION_ID.transportSequence << 4) | 1;
    packet[HEADER_BYTES + 7] = (EXTENSION_ID.mid << 4) | (this.mid.length - 1);
    packet.write(this.mid, HEADER_BYTES + 8, 'latin1');
    if (!this.plan.rid) return;
    const afterMid = HEADER_BYTES + 8 + this.mid.length;
    packet[afterMid] = (EXTENSION_ID.rid << 4) | (this.plan.rid.length - 1);
    packet.write(this.plan.rid, afterMid + 1, 'latin1');
  }

  /** A payload descriptor with a long picture id (RFC 7741), and the first byte of the frame, which tells a key frame. */
  #writeVp8(isFirst: boolean, isKeyFrame: boolean): void {
    const packet = this.#packet;
    packet[PAYLOAD_START] = 0x80 | (isFirst ? 0x10 : 0);
    packet[PAYLOAD_START + 1] = 0x80;
    packet.writeUInt16BE(0x8000 | (this.#frames & 0x7fff), PAYLOAD_START + 2);
    packet[PAYLOAD_START + 4] = isKeyFrame ? 0 : 1;
  }
}

/** When a packet of a synthetic stream was sent, on the clock of `performance.now()` in the process that sent it. */
export function sentAt(packet: Buffer): number {
  const extensions = packet[0]! & 0x10 ? 4 + packet.readUInt16BE(HEADER_BYTES + 2) * 4 : 0;
  return packet.readDoubleBE(HEADER_BYTES + extensions + SENT_AT_OFFSET);
}
