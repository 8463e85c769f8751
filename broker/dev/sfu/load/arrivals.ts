import { sentAt } from './synthetic-stream.ts';

/** What a synthetic client got: how much, how much is missing, and how long it took. */
export class Arrivals {
  received = 0;
  /** Gaps in the sequence numbers that nothing has filled. */
  lost = 0;
  /** Came behind one that was sent later. */
  reordered = 0;
  bytes = 0;
  /** Milliseconds from one client to the other, of each packet. */
  latencies: number[] = [];
  readonly #highest = new Map<number, number>();
  #waiters: { count: number; resolve: () => void }[] = [];

  /** Takes an RTP packet; one of a stream nobody announced may be a retransmission, and is left out. */
  receive(packet: Buffer, ssrcs: ReadonlySet<number>): void {
    const ssrc = packet.readUInt32BE(8);
    if (!ssrcs.has(ssrc)) return;
    const sequence = packet.readUInt16BE(2);
    const highest = this.#highest.get(ssrc);
    this.received += 1;
    this.bytes += packet.length;
    this.latencies.push(performance.now() - sentAt(packet));
    this.#wake();
    const ahead = highest === undefined ? 1 : ((sequence - highest) << 16) >> 16;
    if (ahead > 0) {
      this.lost += ahead - 1;
      this.#highest.set(ssrc, sequence);
      return;
    }
    this.lost -= 1;
    this.reordered += 1;
  }

  /** Counts from here on, without a gap to what came before. */
  restart(): void {
    this.received = 0;
    this.lost = 0;
    this.reordered = 0;
    this.bytes = 0;
    this.latencies = [];
    this.#highest.clear();
  }

  /** Resolves when so many packets have come since the last restart. */
  atLeast(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ count, resolve });
      this.#wake();
    });
  }

  get lostShare(): number {
    const expected = this.received + this.lost;
    return expected === 0 ? 0 : this.lost / expected;
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    for (const { count, resolve } of this.#waiters) if (count <= this.received) resolve();
    this.#waiters = this.#waiters.filter(({ count }) => count > this.received);
  }
}
