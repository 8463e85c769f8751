/** Where the VP8 payload descriptor (RFC 7741) keeps the counters that must stay continuous over a change of source. */
export interface Vp8Counters {
  pictureId?: { offset: number; value: number; bits: 7 | 15 };
  tl0PictureIndex?: { offset: number; value: number };
}

/** Reads the counters of the descriptor that starts at `start`; a descriptor without them has none. */
export function readVp8Counters(buffer: Buffer, start: number, end: number): Vp8Counters {
  if (start + 2 > end || !(buffer[start]! & 0x80)) return {};
  const flags = buffer[start + 1]!;
  let offset = start + 2;
  const counters: Vp8Counters = {};
  if (flags & 0x80) {
    if (offset + 2 > end) return {};
    const long = (buffer[offset]! & 0x80) !== 0;
    counters.pictureId = long
      ? { offset, value: buffer.readUInt16BE(offset) & 0x7fff, bits: 15 }
      : { offset, value: buffer[offset]!, bits: 7 };
    offset += long ? 2 : 1;
  }
  if (flags & 0x40 && offset < end) counters.tl0PictureIndex = { offset, value: buffer[offset]! };
  return counters;
}

/** Moves both counters of the descriptor that starts at `start`, in place. */
export function shiftVp8Counters(buffer: Buffer, start: number, end: number, pictureId: number, tl0: number): void {
  const counters = readVp8Counters(buffer, start, end);
  if (counters.pictureId?.bits === 15)
    buffer.writeUInt16BE(0x8000 | ((counters.pictureId.value + pictureId) & 0x7fff), counters.pictureId.offset);
  else if (counters.pictureId) buffer[counters.pictureId.offset] = (counters.pictureId.value + pictureId) & 0x7f;
  if (counters.tl0PictureIndex) buffer[counters.tl0PictureIndex.offset] = (counters.tl0PictureIndex.value + tl0) & 0xff;
}

/** Where the VP8 frame data starts: behind the descriptor. */
export function vp8PayloadStart(buffer: Buffer, start: number, end: number): number {
  if (start >= end || !(buffer[start]! & 0x80)) return start + 1;
  const flags = buffer[start + 1] ?? 0;
  let offset = start + 2;
  if (flags & 0x80) offset += (buffer[offset] ?? 0) & 0x80 ? 2 : 1;
  if (flags & 0x40) offset += 1;
  if (flags & 0x30) offset += 1;
  return offset;
}
