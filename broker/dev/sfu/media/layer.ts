import { writeNack, writePictureLoss } from '../rtcp/loss-feedback.ts';
import type { ReportBlock, SenderReport } from '../rtcp/reports.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { timestampDistance } from '../rtp/sequence.ts';
import { LAYER_QUIET_MS } from '../timings.ts';
import { KeyFrameRequest } from './key-frame-request.ts';
import { LossRecovery } from './loss-recovery.ts';
import type { MediaPeer } from './media-peer.ts';
import { ReceiveStatistics } from './receive-statistics.ts';

/** NTP fractions per second, and the unit of DLSR per millisecond. */
const NTP_FRACTIONS = 2 ** 32;
const DLSR_PER_MS = 65.536;

/** One encoding that a publisher sends: the only one, or one of its simulcast layers. */
export class Layer {
  readonly rid: string;
  readonly statistics: ReceiveStatistics;
  /** Known with the first media packet; 0 before. */
  ssrc = 0;
  lastPacketAt = -Infinity;
  senderReport: (SenderReport & { receivedAt: number }) | undefined;

  readonly #peer: MediaPeer;
  readonly #isVideo: boolean;
  readonly #clockRate: number;
  readonly #losses = new LossRecovery();
  readonly #keyFrame = new KeyFrameRequest();

  constructor(peer: MediaPeer, rid: string, clockRate: number, isVideo: boolean) {
    this.#peer = peer;
    this.rid = rid;
    this.#clockRate = clockRate;
    this.#isVideo = isVideo;
    this.statistics = new ReceiveStatistics(clockRate);
  }

  isLive(now: number): boolean {
    return now - this.lastPacketAt < LAYER_QUIET_MS;
  }

  /** Accounts for a media packet. False where it is a duplicate and must not be forwarded. */
  receive(packet: RtpPacket, now: number, repaired: boolean): boolean {
    this.ssrc = packet.ssrc;
    const arrival = this.statistics.receive(packet, now, repaired);
    if (arrival.duplicate) return false;
    this.lastPacketAt = now;
    if (this.#isVideo) {
      this.#losses.lost(arrival.newlyMissing, now);
      this.#losses.arrived(packet.sequence);
      if (arrival.newlyMissing.length > 0) this.#askForMissing(now);
    }
    return true;
  }

  requestKeyFrame(now: number): void {
    if (!this.#isVideo) return;
    this.#keyFrame.want();
    this.#askForKeyFrame(now);
  }

  keyFrameArrived(): void {
    this.#keyFrame.arrived();
  }

  /** Sends what feedback is due. */
  tick(now: number): void {
    this.statistics.tick(now);
    this.#askForMissing(now);
    if (this.isLive(now)) this.#askForKeyFrame(now);
  }

  takeReportBlock(now: number): ReportBlock | undefined {
    const report = this.statistics.takeReport();
    if (!report) return undefined;
    const last = this.senderReport;
    return {
      ...report,
      ssrc: this.ssrc,
      lastSenderReport: last ? (((last.ntpSeconds & 0xffff) << 16) | (last.ntpFraction >>> 16)) >>> 0 : 0,
      delaySinceLastSenderReport: last ? Math.round((now - last.receivedAt) * DLSR_PER_MS) : 0,
    };
  }

  /**
   * The timestamp `other` would have given to the moment at which this layer's packet has `timestamp`, by both sender
   * reports; undefined before both have come.
   */
  timestampOn(other: Layer, timestamp: number): number | undefined {
    const mine = this.senderReport;
    const theirs = other.senderReport;
    if (!mine || !theirs) return undefined;
    const seconds =
      mine.ntpSeconds -
      theirs.ntpSeconds +
      (mine.ntpFraction - theirs.ntpFraction) / NTP_FRACTIONS +
      timestampDistance(timestamp, mine.timestamp) / this.#clockRate;
    return (theirs.timestamp + Math.round(seconds * this.#clockRate)) >>> 0;
  }

  #askForMissing(now: number): void {
    const missing = this.#losses.due(now);
    if (missing.length > 0) this.#peer.send(writeNack(this.#peer.ssrc, this.ssrc, missing));
  }

  #askForKeyFrame(now: number): void {
    if (this.ssrc === 0 || !this.#peer.connected || !this.#keyFrame.due(now)) return;
    this.#peer.send(writePictureLoss(this.#peer.ssrc, this.ssrc));
  }
}
