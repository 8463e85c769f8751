import type { Pull } from './pull.ts';
import type { Slot } from './receive-slots.ts';

interface Shown {
  slot: Slot;
  stream: MediaStream | undefined;
}

/**
 * One stream for each remote source, by `participantId/source`, the same for as long as the source is wanted. What runs
 * through it may come to another section or another connection: the last frame stays until there is a new one, and it is
 * never somebody else's.
 */
export class RemoteStreams {
  readonly #shown = new Map<string, Shown>();

  get(owner: string): MediaStream | undefined {
    const shown = this.#shown.get(owner);
    return shown && (shown.stream ??= new MediaStream([trackOf(shown.slot)]));
  }

  /** Every sound there is. */
  sounds(): Map<string, MediaStream> {
    const sounds = new Map<string, MediaStream>();
    for (const [owner, { slot }] of this.#shown) {
      const stream = slot.kind === 'audio' && this.get(owner);
      if (stream) sounds.set(owner, stream);
    }
    return sounds;
  }

  /** Takes over what is pulled now; where several pulls are for one source, the first that plays counts. */
  sync(pulls: Iterable<Pull>): void {
    const slots = new Map<string, Slot | undefined>();
    for (const { owner, slot, phase } of pulls) {
      if (owner === '') continue;
      const isFresh = slot !== undefined && !slot.isUsed && !this.#shown.has(owner);
      if (!slots.get(owner)) slots.set(owner, phase.name === 'playing' || isFresh ? slot : undefined);
    }
    for (const [owner, { slot }] of this.#shown)
      if (!slots.has(owner) || (!slots.get(owner) && slot.owner !== owner)) this.#shown.delete(owner);
    for (const [owner, slot] of slots) if (slot) this.#show(owner, slot);
  }

  #show(owner: string, slot: Slot): void {
    const { stream, slot: before } = this.#shown.get(owner) ?? {};
    this.#shown.set(owner, { slot, stream });
    if (!stream || !before || before === slot) return;
    stream.addTrack(trackOf(slot));
    stream.removeTrack(trackOf(before));
  }
}

function trackOf({ transceiver }: Slot): MediaStreamTrack {
  return transceiver.receiver.track;
}
