import type { RtpPacket } from './rtp-packet.ts';
import { vp8PayloadStart } from './vp8-descriptor.ts';

/** Whether this is the first packet of a key frame of the named codec. Any packet of another codec is. */
export function startsKeyFrame(codec: string, packet: RtpPacket): boolean {
  const { buffer, payloadStart, payloadEnd } = packet;
  if (payloadEnd - payloadStart < 3) return false;
  switch (codec) {
    case 'vp8':
      return startsVp8KeyFrame(buffer, payloadStart, payloadEnd);
    case 'vp9':
      return startsVp9KeyFrame(buffer, payloadStart);
    case 'h264':
      return startsH264KeyFrame(buffer, payloadStart, payloadEnd);
    case 'av1':
      return (buffer[payloadStart]! & 0x08) !== 0; // the aggregation header's N: a coded video sequence starts
    default:
      return true;
  }
}

function startsVp8KeyFrame(buffer: Buffer, start: number, end: number): boolean {
  const startsFirstPartition = (buffer[start]! & 0x10) !== 0 && (buffer[start]! & 0x07) === 0;
  const frame = vp8PayloadStart(buffer, start, end);
  return startsFirstPartition && frame < end && (buffer[frame]! & 1) === 0;
}

/** Descriptor bits: I P L F B E V Z. */
function startsVp9KeyFrame(buffer: Buffer, start: number): boolean {
  const bits = buffer[start]!;
  const interPicture = (bits & 0x40) !== 0;
  const beginsFrame = (bits & 0x08) !== 0;
  if (interPicture || !beginsFrame) return false;
  const hasLayers = (bits & 0x20) !== 0;
  if (!hasLayers) return true;
  let offset = start + 1;
  if (bits & 0x80) offset += (buffer[offset] ?? 0) & 0x80 ? 2 : 1;
  const spatialLayer = ((buffer[offset] ?? 0) >> 1) & 0x07;
  return spatialLayer === 0;
}

const IDR = 5;
const SPS = 7;
const STAP_A = 24;
const FU_A = 28;

function startsH264KeyFrame(buffer: Buffer, start: number, end: number): boolean {
  const isKey = (unit: number): boolean => unit === IDR || unit === SPS;
  const unit = buffer[start]! & 0x1f;
  if (unit === FU_A) return (buffer[start + 1]! & 0x80) !== 0 && (buffer[start + 1]! & 0x1f) === IDR;
  if (unit !== STAP_A) return isKey(unit);
  for (let offset = start + 1; offset + 2 < end; offset += 2 + buffer.readUInt16BE(offset))
    if (isKey(buffer[offset + 2]! & 0x1f)) return true;
  return false;
}
