import { randomInt } from 'node:crypto';
import type { BlackoutFault, CallFault, LastingFault, PacketFault, StatusFault, TrackFault } from './fault.ts';
import type { ApiCall } from '../api/http-server.ts';
import { operationOf, sessionOf } from './operation.ts';
import { seededRandom } from './seeded-random.ts';

/** A fault that was set, with how often it has struck so far. */
export type ActiveFault = LastingFault & { id: number; hits: number };

/** What happens to one call, all faults together. */
export interface CallEffect {
  delayMs: number;
  /** The first of these that was set decides; undefined where the call is answered as ever. */
  end: StatusFault | { type: 'hang' | 'drop-response' } | undefined;
}

/** A fault on packets that draws by lot from one seed. */
export interface PacketTrouble {
  fault: PacketFault;
  random: () => number;
  struck(): void;
}

interface Entry {
  id: number;
  fault: LastingFault;
  /** What it was for, whether it struck or not. */
  seen: number;
  hits: number;
}

/** The faults that are set now. */
export class FaultBoard {
  #entries: Entry[] = [];
  #packetTroubles: PacketTrouble[] = [];
  #blackouts: (Entry & { fault: BlackoutFault })[] = [];
  #lastId = 0;

  /** Read for every packet, so it is an array that is mostly empty. */
  get packetTroubles(): readonly PacketTrouble[] {
    return this.#packetTroubles;
  }

  /** Whether the path of this session is dark; asked for every packet, which is lost then and counts. */
  darkens(sessionId: string): boolean {
    for (const entry of this.#blackouts) {
      if (entry.fault.sessionId !== undefined && entry.fault.sessionId !== sessionId) continue;
      entry.hits += 1;
      return true;
    }
    return false;
  }

  /** Whether a session that is opened now has a relay: asked for, or because it is dark all around. */
  relays(): boolean {
    const asked = this.#entries.find(({ fault }) => fault.type === 'relay');
    if (asked) asked.hits += 1;
    return asked !== undefined || this.#blackouts.some(({ fault }) => fault.sessionId === undefined);
  }

  set(fault: LastingFault): ActiveFault {
    const seeded = fault.type === 'loss' ? { ...fault, seed: fault.seed ?? randomInt(2 ** 32) } : fault;
    const entry: Entry = { id: ++this.#lastId, fault: seeded, seen: 0, hits: 0 };
    this.#entries.push(entry);
    this.#collectPacketTroubles();
    return activeFault(entry);
  }

  list(): ActiveFault[] {
    return this.#entries.map(activeFault);
  }

  /** Ends one fault, or all. False where there is none with that id. */
  clear(id?: number): boolean {
    const kept = id === undefined ? [] : this.#entries.filter((entry) => entry.id !== id);
    const isKnown = id === undefined || kept.length < this.#entries.length;
    this.#entries = kept;
    this.#collectPacketTroubles();
    return isKnown;
  }

  /** What happens to this call, which counts for every fault asked. */
  strikeCall(call: ApiCall): CallEffect {
    const effect: CallEffect = { delayMs: 0, end: undefined };
    for (const entry of this.#entries) {
      const { fault } = entry;
      if (!isCallFault(fault) || !isFor(fault, call)) continue;
      if (fault.type === 'delay') {
        if (strikes(entry, fault)) effect.delayMs += fault.ms;
      } else if (!effect.end && strikes(entry, fault)) effect.end = fault;
    }
    return effect;
  }

  /** The fault that fails this item of the call; it counts. */
  strikeTrack(call: ApiCall, trackName: unknown): TrackFault | undefined {
    for (const entry of this.#entries) {
      const { fault } = entry;
      if (fault.type !== 'track-error' || fault.trackName !== trackName || !isFor(fault, call)) continue;
      if (strikes(entry, fault)) return fault;
    }
    return undefined;
  }

  #collectPacketTroubles(): void {
    this.#blackouts = this.#entries.filter(isBlackout);
    const kept = new Map(this.#packetTroubles.map((trouble) => [trouble.fault, trouble]));
    this.#packetTroubles = this.#entries.flatMap((entry) => {
      const { fault } = entry;
      if (fault.type !== 'loss' && fault.type !== 'latency') return [];
      const random = seededRandom((fault.type === 'loss' && fault.seed) || 0);
      return [kept.get(fault) ?? { fault, random, struck: () => void entry.hits++ }];
    });
  }
}

function activeFault({ id, fault, hits }: Entry): ActiveFault {
  return { ...fault, id, hits };
}

function isBlackout(entry: Entry): entry is Entry & { fault: BlackoutFault } {
  return entry.fault.type === 'blackout';
}

function isCallFault(fault: LastingFault): fault is CallFault {
  return ['status', 'delay', 'hang', 'drop-response'].includes(fault.type);
}

function isFor({ sessionId, operation }: CallFault | TrackFault, { path }: ApiCall): boolean {
  if (sessionId !== undefined && sessionId !== sessionOf(path)) return false;
  return operation === undefined || operation === operationOf(path);
}

function strikes(entry: Entry, { after = 0, times = Infinity }: CallFault | TrackFault): boolean {
  if (entry.hits >= times || ++entry.seen <= after) return false;
  entry.hits += 1;
  return true;
}
