import { FeedbackFormat, RtcpType, writeFeedback } from './rtcp-packet.ts';

/** What arrived of a run of transport-wide sequence numbers. */
export interface TransportFeedback {
  sender: number;
  media: number;
  /** Counts the feedback packets, so that the client notices a lost one. */
  count: number;
  firstSequence: number;
  /** Microseconds, one entry per sequence number from the first on; undefined where the packet is missing. */
  arrivals: readonly (number | undefined)[];
}

const REFERENCE_US = 64_000;
const DELTA_US = 250;
const ArrivalSymbol = { missing: 0, smallDelta: 1, largeDelta: 2 } as const;
const RUN_LENGTH_MAX = 0x1fff;
const VECTOR_SYMBOLS = 7;

/** Writes transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01). */
export function writeTransportFeedback(feedback: TransportFeedback): Buffer {
  const first = feedback.arrivals.find((arrival) => arrival !== undefined) ?? 0;
  const reference = Math.floor(first / REFERENCE_US);
  const { symbols, deltas } = encodeArrivals(feedback.arrivals, reference * REFERENCE_US);
  const chunks = encodeChunks(symbols);
  const body = Buffer.alloc(8 + chunks.length * 2 + deltas.length);
  body.writeUInt16BE(feedback.firstSequence, 0);
  body.writeUInt16BE(feedback.arrivals.length, 2);
  body.writeUIntBE(reference & 0xffffff, 4, 3);
  body[7] = feedback.count & 0xff;
  chunks.forEach((chunk, index) => body.writeUInt16BE(chunk, 8 + index * 2));
  body.set(deltas, 8 + chunks.length * 2);
  return writeFeedback(
    RtcpType.transportFeedback,
    FeedbackFormat.transportSequence,
    feedback.sender,
    feedback.media,
    body,
  );
}

function encodeArrivals(
  arrivals: readonly (number | undefined)[],
  reference: number,
): { symbols: number[]; deltas: number[] } {
  const symbols: number[] = [];
  const deltas: number[] = [];
  let previous = reference;
  for (const arrival of arrivals) {
    if (arrival === undefined) {
      symbols.push(ArrivalSymbol.missing);
      continue;
    }
    const delta = clamp(Math.round((arrival - previous) / DELTA_US), -0x8000, 0x7fff);
    previous += delta * DELTA_US;
    if (delta >= 0 && delta <= 0xff) {
      symbols.push(ArrivalSymbol.smallDelta);
      deltas.push(delta);
    } else {
      symbols.push(ArrivalSymbol.largeDelta);
      deltas.push((delta >> 8) & 0xff, delta & 0xff);
    }
  }
  return { symbols, deltas };
}

/** Equal symbols in a row as a run, else seven two-bit symbols in a vector. */
function encodeChunks(symbols: readonly number[]): number[] {
  const chunks: number[] = [];
  let index = 0;
  while (index < symbols.length) {
    const symbol = symbols[index]!;
    let run = 1;
    while (run < RUN_LENGTH_MAX && symbols[index + run] === symbol) run++;
    if (run >= VECTOR_SYMBOLS) {
      chunks.push((symbol << 13) | run);
      index += run;
      continue;
    }
    let vector = 0xc000;
    for (let slot = 0; slot < VECTOR_SYMBOLS; slot++) vector |= (symbols[index + slot] ?? 0) << (12 - 2 * slot);
    chunks.push(vector);
    index += VECTOR_SYMBOLS;
  }
  return chunks;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
