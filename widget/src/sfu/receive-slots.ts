import { NOTHING_RECEIVED, type Inbound } from './inbound.ts';
import type { Kind, LeavingSlot } from './receive-plan.ts';

/** One receiving section. It outlives the tracks that run through it, so that comings and goings do not grow the SDP. */
export interface Slot {
  readonly kind: Kind;
  readonly transceiver: RTCRtpTransceiver;
  /** `leaving`: the SFU still sends a track nobody wants. `spent`: it could not be freed, and is left alone. */
  state: 'vacant' | 'occupied' | 'leaving' | 'spent';
  /** It carried another track before, whose last frame is still in it. */
  isUsed: boolean;
  /** Whose picture or sound is in it, as `participantId/source`; empty where that is not known yet. */
  owner: string;
  /** What had arrived when the present track was put in. */
  before: Inbound;
  /** Once it is `leaving`: clock time before which it is not freed. */
  notBefore: number;
}

/** The receiving sections of one connection. */
export class ReceiveSlots {
  readonly #slots: Slot[] = [];

  /** Adds receive-only sections until so many of the kind are vacant. */
  ensure(peer: RTCPeerConnection, kind: Kind, vacant: number): void {
    const free = this.#slots.filter((slot) => slot.kind === kind && slot.state === 'vacant').length;
    for (let missing = vacant - free; missing > 0; missing--)
      this.#add(kind, peer.addTransceiver(kind, { direction: 'recvonly' }));
  }

  find(mid: string): Slot | undefined {
    return this.#slots.find(({ transceiver }) => transceiver.mid === mid);
  }

  /** The slot of that mid, made known where the SFU's own offer brought it. */
  adopt(peer: RTCPeerConnection, mid: string): Slot | undefined {
    const transceiver = peer.getTransceivers().find((candidate) => candidate.mid === mid);
    if (!transceiver || mid === '') return undefined;
    return this.find(mid) ?? this.#add(transceiver.receiver.track.kind === 'audio' ? 'audio' : 'video', transceiver);
  }

  leaving(): LeavingSlot[] {
    return this.#slots
      .filter(({ state }) => state === 'leaving')
      .map(({ kind, owner, notBefore, transceiver }) => ({ kind, owner, notBefore, mid: transceiver.mid ?? '' }));
  }

  occupy(slot: Slot, before: Inbound): void {
    slot.state = 'occupied';
    slot.before = before;
  }

  /** Nobody wants what is in it; it is freed at that time, unless it is handed on before. */
  leave(slot: Slot, notBefore: number): void {
    Object.assign(slot, { state: 'leaving', isUsed: true, notBefore });
  }

  release(mid: string, state: 'vacant' | 'spent'): void {
    const slot = this.find(mid);
    if (slot) Object.assign(slot, { state, owner: '' });
  }

  clear(): void {
    this.#slots.length = 0;
  }

  #add(kind: Kind, transceiver: RTCRtpTransceiver): Slot {
    const slot: Slot = {
      kind,
      transceiver,
      state: 'vacant',
      isUsed: false,
      owner: '',
      before: NOTHING_RECEIVED,
      notBefore: 0,
    };
    this.#slots.push(slot);
    return slot;
  }
}
