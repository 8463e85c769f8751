import { extensionText, type RtpPacket } from '../rtp/rtp-packet.ts';
import { Extension } from '../sdp/header-extension.ts';
import type { Layer } from './layer.ts';
import type { Publication } from './publication.ts';

interface StreamName {
  mid: string;
  rid: string;
}

export interface Route {
  publication: Publication;
  layer: Layer;
}

/**
 * Which publication and layer an SSRC belongs to. Browsers name a stream by mid and rid only in its first packets, so
 * a name once learned stays for as long as the session.
 */
export class StreamTable {
  readonly #extensionIds: ReadonlyMap<string, number>;
  readonly #names = new Map<number, StreamName>();
  readonly #publications = new Map<string, Publication>();

  constructor(extensionIds: ReadonlyMap<string, number>) {
    this.#extensionIds = extensionIds;
  }

  publications(): Iterable<Publication> {
    return this.#publications.values();
  }

  add(publication: Publication): void {
    this.#publications.set(publication.mid, publication);
  }

  remove(publication: Publication): void {
    if (this.#publications.get(publication.mid) === publication) this.#publications.delete(publication.mid);
  }

  /** The SSRCs that a section of the client's SDP declares for its one encoding. */
  declare(mid: string, ssrcs: Iterable<number>): void {
    for (const ssrc of ssrcs) this.#names.set(ssrc, { mid, rid: '' });
  }

  /** Where this packet belongs; undefined where nobody publishes it, or nothing tells yet. */
  route(packet: RtpPacket): Route | undefined {
    const known = this.known(packet.ssrc);
    if (known) return known;
    const name = this.#readName(packet);
    if (!name) return undefined;
    this.#names.set(packet.ssrc, name);
    return this.known(packet.ssrc);
  }

  known(ssrc: number): Route | undefined {
    const name = this.#names.get(ssrc);
    const publication = name && this.#publications.get(name.mid);
    if (!publication) return undefined;
    return { publication, layer: publication.layer(name.rid) };
  }

  #readName(packet: RtpPacket): StreamName | undefined {
    const mid = this.#text(packet, Extension.mid) ?? this.#midByPayloadType(packet.payloadType);
    if (mid === undefined) return undefined;
    const publication = this.#publications.get(mid);
    if (!publication) return undefined;
    if (publication.rids.length === 0) return { mid, rid: '' };
    const rid = this.#text(packet, Extension.repairedRid) ?? this.#text(packet, Extension.rid);
    return rid !== undefined && publication.rids.includes(rid) ? { mid, rid } : undefined;
  }

  #text(packet: RtpPacket, uri: string): string | undefined {
    return extensionText(packet, this.#extensionIds.get(uri));
  }

  /** Last resort, where only one publication uses this payload type. */
  #midByPayloadType(payloadType: number): string | undefined {
    const candidates = [...this.#publications.values()].filter(
      ({ codec }) => codec.payloadType === payloadType || codec.retransmission === payloadType,
    );
    return candidates.length === 1 ? candidates[0]!.mid : undefined;
  }
}
