/** Arithmetic on 16-bit sequence numbers and 32-bit timestamps that wrap around. */

/** `a - b`, positive where `a` is the newer. */
export function sequenceDistance(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

export function addSequence(sequence: number, offset: number): number {
  return (sequence + offset) & 0xffff;
}

/** `a - b`, positive where `a` is the later. */
export function timestampDistance(a: number, b: number): number {
  return (a - b) | 0;
}

export function addTimestamp(timestamp: number, offset: number): number {
  return (timestamp + offset) >>> 0;
}
