import { codecIdentity, type Codec, type MediaKind } from '../sdp/codec.ts';
import {
  Extension,
  PUBLISHER_EXTENSIONS,
  SUBSCRIBER_EXTENSIONS,
  type HeaderExtension,
} from '../sdp/header-extension.ts';
import type { MediaSection } from '../sdp/parse-sdp.ts';

/** What Chrome uses, for sessions whose client has not offered yet. */
const DEFAULT_EXTENSION_IDS: Readonly<Record<string, number>> = {
  [Extension.audioLevel]: 1,
  [Extension.transportSequence]: 3,
  [Extension.mid]: 4,
  [Extension.rid]: 10,
  [Extension.repairedRid]: 11,
  [Extension.videoOrientation]: 13,
};
const DEFAULT_PAYLOAD_TYPES: Readonly<Record<string, { media: number; retransmission?: number }>> = {
  'opus/48000': { media: 111 },
  'vp8/90000': { media: 96, retransmission: 97 },
  'vp9/90000/0': { media: 98, retransmission: 99 },
  'vp9/90000/2': { media: 100, retransmission: 101 },
  'av1/90000': { media: 45, retransmission: 46 },
};
const DYNAMIC_PAYLOAD_TYPES: readonly [number, number][] = [
  [96, 127],
  [35, 63],
];

/**
 * The payload types and extension ids of one session. In one bundle a number may not mean two things, so what the
 * client chose first holds for every later description.
 */
export class Numbering {
  readonly #extensionIds = new Map<string, number>();
  readonly #codecs = new Map<string, Codec>();
  readonly #usedPayloadTypes = new Set<number>();

  get extensionIds(): ReadonlyMap<string, number> {
    return this.#extensionIds;
  }

  /** Learns from a section of the client's offer. */
  learn(section: MediaSection): void {
    const usedIds = new Set(this.#extensionIds.values());
    for (const { id, uri } of section.extensions) {
      if (this.#extensionIds.has(uri) || usedIds.has(id)) continue;
      this.#extensionIds.set(uri, id);
      usedIds.add(id);
    }
    for (const codec of section.codecs) {
      this.#usedPayloadTypes.add(codec.payloadType);
      if (codec.retransmission !== undefined) this.#usedPayloadTypes.add(codec.retransmission);
      const identity = codecIdentity(codec);
      if (!this.#codecs.has(identity)) this.#codecs.set(identity, codec);
    }
  }

  /** The extensions for a section the SFU adds, for a client that receives on it or sends. */
  extensionsFor(kind: MediaKind, client: 'subscriber' | 'publisher'): HeaderExtension[] {
    const uris = client === 'publisher' ? PUBLISHER_EXTENSIONS[kind] : SUBSCRIBER_EXTENSIONS[kind];
    return uris.map((uri) => ({ uri, id: this.#extensionId(uri) }));
  }

  /** A publisher's codec under this session's numbers. */
  codecFor(codec: Codec): Codec {
    const identity = codecIdentity(codec);
    const known = this.#codecs.get(identity);
    if (known && (known.retransmission !== undefined || codec.retransmission === undefined))
      return { ...known, parameters: known.parameters || codec.parameters };
    const wanted = DEFAULT_PAYLOAD_TYPES[identity];
    const numbered: Codec = { ...codec, payloadType: known?.payloadType ?? this.#take(wanted?.media) };
    if (codec.retransmission !== undefined) numbered.retransmission = this.#take(wanted?.retransmission);
    this.#codecs.set(identity, numbered);
    return numbered;
  }

  #extensionId(uri: string): number {
    const known = this.#extensionIds.get(uri);
    if (known !== undefined) return known;
    const used = new Set(this.#extensionIds.values());
    let id = DEFAULT_EXTENSION_IDS[uri] ?? 1;
    if (used.has(id)) for (id = 1; used.has(id);) id += 1;
    this.#extensionIds.set(uri, id);
    return id;
  }

  #take(wanted: number | undefined): number {
    const free = (payloadType: number): boolean => !this.#usedPayloadTypes.has(payloadType);
    const payloadType =
      wanted !== undefined && free(wanted)
        ? wanted
        : DYNAMIC_PAYLOAD_TYPES.flatMap(([from, to]) => range(from, to)).find(free);
    if (payloadType === undefined) throw new Error('no payload type is left');
    this.#usedPayloadTypes.add(payloadType);
    return payloadType;
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
