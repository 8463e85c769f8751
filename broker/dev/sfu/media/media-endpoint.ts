import { keyFrameRequestTarget, readNack } from '../rtcp/loss-feedback.ts';
import {
  readLosses,
  readSenderReport,
  REPORT_BLOCKS_MAX,
  writeReceiverReport,
  type ReportBlock,
} from '../rtcp/reports.ts';
import { FeedbackFormat, RtcpType, splitRtcp, type RtcpPacket } from '../rtcp/rtcp-packet.ts';
import { writeTransportFeedback } from '../rtcp/transport-feedback.ts';
import { extensionNumber, isRtcp, parseRtp, unwrapRetransmission, type RtpPacket } from '../rtp/rtp-packet.ts';
import { Extension } from '../sdp/header-extension.ts';
import { RECEIVER_REPORT_MS } from '../timings.ts';
import { ArrivalRecorder } from './arrival-recorder.ts';
import type { MediaPeer } from './media-peer.ts';
import type { Publication } from './publication.ts';
import { StreamTable } from './stream-table.ts';
import type { Subscription } from './subscription.ts';

/** All media of one client: takes its packets apart, and gives it the feedback it needs. */
export class MediaEndpoint {
  readonly streams: StreamTable;
  readonly #peer: MediaPeer;
  readonly #extensionIds: ReadonlyMap<string, number>;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #arrivals = new ArrivalRecorder();
  #feedbackCount = 0;
  #reportedAt = 0;
  #mediaSsrc = 0;

  constructor(peer: MediaPeer, extensionIds: ReadonlyMap<string, number>) {
    this.#peer = peer;
    this.#extensionIds = extensionIds;
    this.streams = new StreamTable(extensionIds);
  }

  addSubscription(subscription: Subscription): void {
    for (const ssrc of subscription.ssrcs) this.#subscriptions.set(ssrc, subscription);
  }

  removeSubscription(subscription: Subscription): void {
    subscription.close();
    for (const ssrc of subscription.ssrcs) this.#subscriptions.delete(ssrc);
  }

  /** The transport is up, for the first time or again. */
  connected(now: number): void {
    for (const subscription of this.#subscriptions.values()) subscription.requestKeyFrame(now);
  }

  /** Takes one packet as the client sent it. What makes no sense is dropped. */
  receive(buffer: Buffer, now: number): void {
    if (isRtcp(buffer)) {
      for (const packet of splitRtcp(buffer)) this.#receiveRtcp(packet, now);
      return;
    }
    const packet = parseRtp(buffer);
    if (!packet) return;
    const transportSequence = extensionNumber(packet, this.#extensionIds.get(Extension.transportSequence));
    if (transportSequence !== undefined) this.#arrivals.record(transportSequence, Math.round(now * 1000));
    const route = this.streams.route(packet);
    if (!route) return;
    const { publication, layer } = route;
    if (packet.payloadType === publication.codec.retransmission)
      this.#repair(publication, packet, route.layer.rid, now);
    else if (packet.payloadType === publication.codec.payloadType) {
      this.#mediaSsrc = packet.ssrc;
      publication.receive(layer, packet, now, false);
    }
  }

  tick(now: number): void {
    if (!this.#peer.connected) return;
    for (const publication of this.streams.publications()) publication.tick(now);
    for (const subscription of new Set(this.#subscriptions.values())) subscription.chooseLayer(now);
    this.#sendTransportFeedback();
    if (now - this.#reportedAt < RECEIVER_REPORT_MS) return;
    this.#reportedAt = now;
    this.#sendReports(now);
  }

  close(): void {
    for (const publication of this.streams.publications()) publication.close();
    for (const subscription of this.#subscriptions.values()) subscription.close();
    this.#subscriptions.clear();
  }

  #repair(publication: Publication, packet: RtpPacket, rid: string, now: number): void {
    const layer = publication.layers.get(rid);
    // Without a media packet before it there is nothing to repair: the client probes the bandwidth.
    if (!layer || layer.ssrc === 0) return;
    const original = unwrapRetransmission(packet, layer.ssrc, publication.codec.payloadType);
    if (original) publication.receive(layer, original, now, true);
  }

  #receiveRtcp({ type, format, buffer }: RtcpPacket, now: number): void {
    if (type === RtcpType.senderReport) {
      const report = readSenderReport(buffer);
      const route = report && this.streams.known(report.ssrc);
      if (route) route.publication.receiveSenderReport(route.layer, report, now);
    } else if (type === RtcpType.receiverReport) {
      for (const { ssrc, fractionLost } of readLosses(buffer))
        this.#subscriptions.get(ssrc)?.receiveLoss(fractionLost, now);
    } else if (type === RtcpType.transportFeedback && format === FeedbackFormat.nack && buffer.length >= 12) {
      this.#subscriptions.get(buffer.readUInt32BE(8))?.repair(readNack(buffer));
    } else if (type === RtcpType.payloadFeedback) {
      const ssrc = keyFrameRequestTarget(format, buffer);
      if (ssrc !== undefined) this.#subscriptions.get(ssrc)?.requestKeyFrame(now);
    }
  }

  #sendTransportFeedback(): void {
    const run = this.#arrivals.take();
    if (!run) return;
    const feedback = { sender: this.#peer.ssrc, media: this.#mediaSsrc, count: this.#feedbackCount++, ...run };
    this.#peer.send(writeTransportFeedback(feedback));
  }

  #sendReports(now: number): void {
    const blocks: ReportBlock[] = [];
    for (const publication of this.streams.publications())
      for (const layer of publication.layers.values()) {
        const block = layer.takeReportBlock(now);
        if (block) blocks.push(block);
      }
    for (let index = 0; index < blocks.length; index += REPORT_BLOCKS_MAX)
      this.#peer.send(writeReceiverReport(this.#peer.ssrc, blocks.slice(index, index + REPORT_BLOCKS_MAX)));
  }
}
