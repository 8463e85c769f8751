import type { Codec, MediaKind } from '../sdp/codec.ts';
import type { SenderReport } from '../rtcp/reports.ts';
import { startsKeyFrame } from '../rtp/key-frame.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { Layer } from './layer.ts';
import type { MediaPeer } from './media-peer.ts';
import type { Subscription } from './subscription.ts';

export interface PublicationOptions {
  /** The session it belongs to; also the stream id under which subscribers get it. */
  sessionId: string;
  trackName: string;
  mid: string;
  kind: MediaKind;
  codec: Codec;
  /** Simulcast layers; empty where there is one encoding. */
  rids: readonly string[];
  /** Ids of the header extensions on the publisher's connection, by URI. */
  extensionIds: ReadonlyMap<string, number>;
  createdAt: number;
  /** Known, but nothing of it will ever arrive: what happens to a section that was force-closed and published again. */
  isMuffled: boolean;
}

/** A named track that a session publishes: what comes in, and who gets it. */
export class Publication {
  readonly sessionId: string;
  readonly trackName: string;
  readonly mid: string;
  readonly kind: MediaKind;
  readonly codec: Codec;
  readonly rids: readonly string[];
  readonly extensionIds: ReadonlyMap<string, number>;
  readonly isMuffled: boolean;
  readonly subscriptions = new Set<Subscription>();
  readonly layers = new Map<string, Layer>();

  readonly #peer: MediaPeer;
  readonly #createdAt: number;
  readonly #arrivalWaiters = new Set<() => void>();

  constructor(peer: MediaPeer, options: PublicationOptions) {
    this.#peer = peer;
    this.sessionId = options.sessionId;
    this.trackName = options.trackName;
    this.mid = options.mid;
    this.kind = options.kind;
    this.codec = options.codec;
    this.rids = options.rids;
    this.extensionIds = options.extensionIds;
    this.isMuffled = options.isMuffled;
    this.#createdAt = options.createdAt;
  }

  get connected(): boolean {
    return this.#peer.connected;
  }

  get hasSent(): boolean {
    return [...this.layers.values()].some((layer) => layer.statistics.packets > 0);
  }

  /** Milliseconds since the last packet, or since the publication where none has come. */
  quietFor(now: number): number {
    const last = Math.max(...[...this.layers.values()].map((layer) => layer.lastPacketAt), this.#createdAt);
    return now - last;
  }

  layer(rid: string): Layer {
    let layer = this.layers.get(rid);
    if (!layer) {
      layer = new Layer(this.#peer, rid, this.codec.clockRate, this.kind === 'video');
      this.layers.set(rid, layer);
    }
    return layer;
  }

  /** Takes one media packet of a layer and gives it to every subscriber. */
  receive(layer: Layer, packet: RtpPacket, now: number, repaired: boolean): void {
    const isNew = layer.statistics.packets === 0;
    if (!layer.receive(packet, now, repaired)) return;
    const keyFrame = this.kind === 'video' && startsKeyFrame(this.codec.name, packet);
    if (keyFrame) layer.keyFrameArrived();
    for (const subscription of this.subscriptions) {
      if (isNew) subscription.chooseLayer(now);
      subscription.forward(layer, packet, keyFrame, now);
    }
    for (const resolve of this.#arrivalWaiters) resolve();
  }

  receiveSenderReport(layer: Layer, report: SenderReport, now: number): void {
    layer.senderReport = { ...report, receivedAt: now };
    for (const subscription of this.subscriptions) subscription.forwardSenderReport(layer);
  }

  /** Resolves true with the next packet, false where none comes until `signal` aborts. */
  nextPacket(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (arrived: boolean): void => {
        this.#arrivalWaiters.delete(onPacket);
        signal.removeEventListener('abort', onAbort);
        resolve(arrived);
      };
      const onPacket = (): void => settle(true);
      const onAbort = (): void => settle(false);
      this.#arrivalWaiters.add(onPacket);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });
  }

  tick(now: number): void {
    for (const layer of this.layers.values()) layer.tick(now);
  }

  /** Subscribers keep their sections and get nothing more. */
  close(): void {
    for (const subscription of this.subscriptions) subscription.detach();
  }
}
