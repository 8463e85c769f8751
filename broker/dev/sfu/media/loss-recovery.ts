import { NACK_INTERVAL_MS, NACK_LIFETIME_MS, NACK_TRIES_MAX } from '../timings.ts';

interface MissingPacket {
  since: number;
  askedAt: number;
  tries: number;
}

/** Which packets of one received stream to ask for again, and when. */
export class LossRecovery {
  readonly #missing = new Map<number, MissingPacket>();

  lost(sequences: readonly number[], now: number): void {
    for (const sequence of sequences) this.#missing.set(sequence, { since: now, askedAt: -Infinity, tries: 0 });
  }

  arrived(sequence: number): void {
    this.#missing.delete(sequence);
  }

  /** The sequence numbers to ask for now. Gives up on what is too old to be played. */
  due(now: number): number[] {
    const due: number[] = [];
    for (const [sequence, packet] of this.#missing) {
      if (now - packet.since > NACK_LIFETIME_MS || packet.tries >= NACK_TRIES_MAX) this.#missing.delete(sequence);
      else if (now - packet.askedAt >= NACK_INTERVAL_MS) {
        packet.askedAt = now;
        packet.tries += 1;
        due.push(sequence);
      }
    }
    return due;
  }
}
