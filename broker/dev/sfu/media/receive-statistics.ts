import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { sequenceDistance } from '../rtp/sequence.ts';
import { BITRATE_WINDOW_MS } from '../timings.ts';
import { DuplicateFilter } from './duplicate-filter.ts';

/** What became of one received packet. */
export type Arrival = { duplicate: true } | { duplicate: false; first: boolean; newlyMissing: number[] };

/** A jump further than this is a new beginning of the sender's, not a loss worth asking for. */
const GAP_MAX = 300;
/** A transit time that differs by more than this many seconds says nothing about jitter. */
const TRANSIT_MAX_SECONDS = 5;

/** Counts one received stream: sequence numbers over wrap-arounds, losses, duplicates, jitter, bitrate. */
export class ReceiveStatistics {
  readonly #clockRate: number;
  readonly #seen = new DuplicateFilter();
  #firstSequence: number | undefined;
  #highest = 0;
  #packets = 0;
  #bytes = 0;
  #jitter = 0;
  #transit: number | undefined;
  #reported = { expected: 0, packets: 0 };
  #window = { at: 0, bytes: 0 };
  #bitsPerSecond = 0;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  get packets(): number {
    return this.#packets;
  }

  get bitsPerSecond(): number {
    return this.#bitsPerSecond;
  }

  /** `repaired`: it came as a retransmission, whose timing says nothing about the path. */
  receive(packet: RtpPacket, now: number, repaired: boolean): Arrival {
    const newlyMissing: number[] = [];
    const first = this.#firstSequence === undefined;
    if (first) {
      this.#firstSequence = packet.sequence;
      this.#highest = packet.sequence;
    }
    const distance = sequenceDistance(packet.sequence, this.#highest & 0xffff);
    if (!this.#seen.add(this.#highest + distance)) return { duplicate: true };
    if (distance > 1 && distance < GAP_MAX)
      for (let step = 1; step < distance; step++) newlyMissing.push((this.#highest + step) & 0xffff);
    if (distance > 0) this.#highest += distance;
    this.#packets += 1;
    this.#bytes += packet.buffer.length;
    if (!repaired) this.#measureJitter(packet.timestamp, now);
    return { duplicate: false, first, newlyMissing };
  }

  /** Renews the bitrate. */
  tick(now: number): void {
    const elapsed = now - this.#window.at;
    if (elapsed < BITRATE_WINDOW_MS) return;
    this.#bitsPerSecond = ((this.#bytes - this.#window.bytes) * 8000) / elapsed;
    this.#window = { at: now, bytes: this.#bytes };
  }

  /** The numbers of a report block since the last call; undefined before the first packet. */
  takeReport(): { fractionLost: number; packetsLost: number; highestSequence: number; jitter: number } | undefined {
    if (this.#firstSequence === undefined) return undefined;
    const expected = this.#highest - this.#firstSequence + 1;
    const expectedNow = expected - this.#reported.expected;
    const lostNow = Math.max(0, expectedNow - (this.#packets - this.#reported.packets));
    this.#reported = { expected, packets: this.#packets };
    return {
      fractionLost: expectedNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0,
      packetsLost: Math.min(0x7fffff, Math.max(0, expected - this.#packets)),
      highestSequence: this.#highest,
      jitter: this.#jitter,
    };
  }

  /** RFC 3550 appendix A.8. */
  #measureJitter(timestamp: number, now: number): void {
    const transit = (now * this.#clockRate) / 1000 - timestamp;
    if (this.#transit !== undefined) {
      const difference = Math.abs(transit - this.#transit);
      if (difference < this.#clockRate * TRANSIT_MAX_SECONDS) this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#transit = transit;
  }
}
