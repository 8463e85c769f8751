import { randomInt } from 'node:crypto';
import { writeSenderReport } from '../rtcp/reports.ts';
import { addSequence, addTimestamp } from '../rtp/sequence.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { shiftVp8Counters } from '../rtp/vp8-descriptor.ts';
import { PACKET_MAX_BYTES, writeRtp, type ExtensionPlan } from '../rtp/write-rtp.ts';
import type { Codec, MediaKind } from '../sdp/codec.ts';
import { Descent } from './descent.ts';
import type { Layer } from './layer.ts';
import { chooseLayer, type LayerChoice } from './layer-choice.ts';
import type { MediaPeer } from './media-peer.ts';
import type { Publication } from './publication.ts';
import { StreamRewriter, type RewrittenPacket } from './stream-rewriter.ts';

/** Sent video packets kept for repair; a power of two. */
const HISTORY_PACKETS = 1024;
const SSRC_MAX = 2 ** 32 - 2;

/** `send` copies what it is given, so one buffer serves every subscription. */
const scratch = Buffer.alloc(PACKET_MAX_BYTES);

export interface SubscriptionOptions {
  kind: MediaKind;
  /** As the subscriber numbers it. */
  codec: Codec;
  mid: string;
  /** The id of the mid extension; absent where the subscriber did not take it. */
  midId: number | undefined;
  /** The stream id and CNAME its section was described with. */
  streamId: string;
  /** How long a path is calm before a better layer is tried. */
  riseAfterMs: number;
}

/** One section through which a client gets a publication: its own stream, whatever source it is pointed at. */
export class Subscription {
  readonly kind: MediaKind;
  readonly codec: Codec;
  readonly streamId: string;
  readonly ssrc = randomInt(1, SSRC_MAX);
  readonly retransmissionSsrc: number | undefined;
  packets = 0;

  readonly #peer: MediaPeer;
  readonly #mid: Buffer;
  readonly #midId: number | undefined;
  readonly #riseAfterMs: number;
  readonly #rewriter: StreamRewriter;
  readonly #history: (RewrittenPacket | undefined)[] = [];
  #retransmissionSequence = randomInt(0x10000);
  #octets = 0;
  #source: Publication | undefined;
  #name = { trackName: '', sessionId: '' };
  #plan: ExtensionPlan;
  #choice: LayerChoice = { priorityOrdering: 'none', ridNotAvailable: 'none' };
  #descent: Descent;
  #current: Layer | undefined;
  #target: Layer | undefined;
  #isNegotiated = false;

  constructor(peer: MediaPeer, options: SubscriptionOptions) {
    this.#peer = peer;
    this.kind = options.kind;
    this.codec = options.codec;
    this.streamId = options.streamId;
    this.retransmissionSsrc = options.codec.retransmission === undefined ? undefined : randomInt(1, SSRC_MAX);
    this.#mid = Buffer.from(options.mid, 'latin1');
    this.#midId = options.midId;
    this.#plan = { midId: this.#midId, mid: this.#mid, copied: new Map() };
    this.#rewriter = new StreamRewriter(options.codec);
    this.#riseAfterMs = options.riseAfterMs;
    this.#descent = new Descent(options.riseAfterMs);
  }

  get source(): Publication | undefined {
    return this.#source;
  }

  /** What it was last pointed at, whether that still flows or not. */
  get name(): { trackName: string; sessionId: string } {
    return this.#name;
  }

  get ssrcs(): number[] {
    return this.retransmissionSsrc === undefined ? [this.ssrc] : [this.ssrc, this.retransmissionSsrc];
  }

  /** Points it at a publication. `copied` maps the publisher's extension ids to the subscriber's. */
  attach(source: Publication, choice: LayerChoice, copied: ReadonlyMap<number, number>, now: number): void {
    this.detach();
    this.#source = source;
    this.#name = { trackName: source.trackName, sessionId: source.sessionId };
    this.#choice = choice;
    this.#descent = new Descent(this.#riseAfterMs);
    this.#plan = { midId: this.#midId, mid: this.#mid, copied };
    source.subscriptions.add(this);
    this.chooseLayer(now);
  }

  detach(): void {
    this.#source?.subscriptions.delete(this);
    this.#source = undefined;
    this.#current = undefined;
    this.#target = undefined;
  }

  choose(choice: LayerChoice, now: number): void {
    this.#choice = choice;
    this.chooseLayer(now);
  }

  /** The client knows the section: media may flow as soon as its transport is up. */
  start(now: number): void {
    if (this.#isNegotiated) return;
    this.#isNegotiated = true;
    this.chooseLayer(now);
    this.requestKeyFrame(now);
  }

  chooseLayer(now: number): void {
    if (!this.#source) return;
    const { layers } = this.#source;
    const target = chooseLayer(layers.values(), this.#choice, this.#target, now, this.#descent.steps);
    if (target === this.#target) return;
    this.#target = target;
    // The old layer goes on until the new one's key frame; where nothing is wanted, it stops.
    if (!target) this.#current = undefined;
    else if (target !== this.#current) this.requestKeyFrame(now);
  }

  /** A key frame that comes before the client's DTLS is up would be lost, and the next request held back: so none is asked for. */
  requestKeyFrame(now: number): void {
    if (this.#flows) this.#target?.requestKeyFrame(now);
  }

  forward(layer: Layer, packet: RtpPacket, keyFrame: boolean, now: number): void {
    if (!this.#flows) return;
    if (layer !== this.#current) {
      if (layer !== this.#target || (this.kind === 'video' && !keyFrame)) return;
      this.#rewriter.splice(packet, now, this.#current && layer.timestampOn(this.#current, packet.timestamp));
      this.#current = layer;
    }
    const rewritten = this.#rewriter.rewrite(packet, now);
    if (!rewritten) return;
    if (this.kind === 'video') this.#history[rewritten.sequence % HISTORY_PACKETS] = rewritten;
    this.packets += 1;
    this.#octets += packet.payloadEnd - packet.payloadStart;
    this.#send(rewritten, {
      payloadType: this.codec.payloadType,
      sequence: rewritten.sequence,
      timestamp: rewritten.timestamp,
      ssrc: this.ssrc,
    });
  }

  /** The client tells what share of the packets it misses. */
  receiveLoss(lost: number, now: number): void {
    const layers = this.#source?.layers.size ?? 0;
    if (layers < 2 || this.#choice.priorityOrdering === 'none') return;
    this.#descent.report(lost, now, layers - 1);
    this.chooseLayer(now);
  }

  /** Sends packets again that the client missed. */
  repair(sequences: readonly number[]): void {
    for (const sequence of sequences) {
      const sent = this.#history[sequence % HISTORY_PACKETS];
      if (!sent || sent.sequence !== sequence) continue;
      const { timestamp } = sent;
      if (this.codec.retransmission === undefined || this.retransmissionSsrc === undefined) {
        this.#send(sent, { payloadType: this.codec.payloadType, sequence, timestamp, ssrc: this.ssrc });
        continue;
      }
      this.#retransmissionSequence = addSequence(this.#retransmissionSequence, 1);
      this.#send(sent, {
        payloadType: this.codec.retransmission,
        sequence: this.#retransmissionSequence,
        timestamp,
        ssrc: this.retransmissionSsrc,
        originalSequence: sequence,
      });
    }
  }

  /** Passes the publisher's clock on, so that the client can play its sound and picture in step. */
  forwardSenderReport(layer: Layer): void {
    const report = layer.senderReport;
    if (layer !== this.#current || !this.#flows || !report) return;
    const own = {
      ...report,
      ssrc: this.ssrc,
      timestamp: addTimestamp(report.timestamp, this.#rewriter.timestampOffset),
      packets: this.packets,
      octets: this.#octets,
    };
    this.#peer.send(writeSenderReport(own, this.streamId));
  }

  close(): void {
    this.detach();
    this.#isNegotiated = false;
    this.#history.length = 0;
  }

  get #flows(): boolean {
    return this.#isNegotiated && this.#peer.connected;
  }

  #send(rewritten: RewrittenPacket, header: Parameters<typeof writeRtp>[2]): void {
    const { payloadStart, end } = writeRtp(scratch, rewritten.packet, header, this.#plan);
    if (rewritten.pictureIdShift !== 0 || rewritten.tl0Shift !== 0)
      shiftVp8Counters(scratch, payloadStart, end, rewritten.pictureIdShift, rewritten.tl0Shift);
    this.#peer.send(scratch.subarray(0, end));
  }
}
