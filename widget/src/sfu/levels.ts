import { readInbound } from './inbound.ts';
import type { Publisher } from './publisher.ts';
import type { Pull } from './pull.ts';
import type { Receiver } from './receiver.ts';

/** My own id wherever speakers and levels are told. */
export const SELF = 'self';

/** How loud everybody's microphone is, 0 to 1, by participant. */
export class Levels {
  #levels: ReadonlyMap<string, number> = new Map();
  /** Of each pull's newest sound: one that stands still is no sound. */
  readonly #timestamps = new WeakMap<Pull, number>();

  get(participantId: string): number {
    return this.#levels.get(participantId) ?? 0;
  }

  async read(publisher: Publisher, receiver: Receiver): Promise<ReadonlyMap<string, number>> {
    const levels = new Map([[SELF, await publisher.microphoneLevel()]]);
    const unknown: Pull[] = [];
    for (const pull of receiver.pulls) {
      if (pull.phase.name !== 'playing' || pull.wanted?.source !== 'microphone') continue;
      const level = this.#readSource(pull);
      if (level === undefined) unknown.push(pull);
      else levels.set(pull.wanted.participantId, level);
    }
    // Without the level in the packets' headers, the browser measures what it played; that costs a report.
    const inbound = unknown.length > 0 ? await readInbound(receiver.session.peer) : undefined;
    for (const { wanted, slot } of unknown) {
      const level = inbound?.get(slot?.transceiver.mid ?? '')?.audioLevel ?? 0;
      if (wanted) levels.set(wanted.participantId, level);
    }
    return (this.#levels = levels);
  }

  #readSource(pull: Pull): number | undefined {
    const [source] = pull.slot?.transceiver.receiver.getSynchronizationSources() ?? [];
    if (source?.audioLevel === undefined) return undefined;
    const isNew = this.#timestamps.get(pull) !== source.rtpTimestamp;
    this.#timestamps.set(pull, source.rtpTimestamp);
    return isNew ? source.audioLevel : 0;
  }
}
