import { beforeEach, describe, expect, test } from 'vitest';
import { writeNack, writePictureLoss } from '../rtcp/loss-feedback.ts';
import { splitRtcp } from '../rtcp/rtcp-packet.ts';
import { writeReceiverReport, writeSenderReport } from '../rtcp/reports.ts';
import { isRtcp, parseRtp, type RtpPacket } from '../rtp/rtp-packet.ts';
import type { Codec } from '../sdp/codec.ts';
import { Extension } from '../sdp/header-extension.ts';
import { DEFAULT_TIMINGS, KEY_FRAME_REQUEST_MS } from '../timings.ts';
import { rtpBytes, vp8Payload, type RtpFields } from '../testing/rtp-builder.ts';
import type { LayerChoice } from './layer-choice.ts';
import { MediaEndpoint } from './media-endpoint.ts';
import { Publication } from './publication.ts';
import { Subscription } from './subscription.ts';

/** From a publisher's bytes to a subscriber's, without a network between. */

const MID_ID = 4;
const RID_ID = 10;
const REPAIRED_RID_ID = 11;
const EXTENSIONS = new Map<string, number>([
  [Extension.mid, MID_ID],
  [Extension.rid, RID_ID],
  [Extension.repairedRid, REPAIRED_RID_ID],
]);
const VP8: Codec = {
  payloadType: 96,
  name: 'vp8',
  clockRate: 90_000,
  channels: 1,
  parameters: '',
  feedback: [],
  retransmission: 97,
};
const THEIR_VP8: Codec = { ...VP8, payloadType: 120, retransmission: 121 };
const SUBSCRIBER_SSRC = 77;
const PUBLISHER_SSRC = 66;

class RecordingPeer {
  readonly ssrc: number;
  connected = true;
  readonly sent: Buffer[] = [];

  constructor(ssrc: number) {
    this.ssrc = ssrc;
  }

  send(packet: Buffer): void {
    this.sent.push(Buffer.from(packet));
  }

  media(): RtpPacket[] {
    return this.sent.filter((packet) => !isRtcp(packet)).map((packet) => parseRtp(packet)!);
  }

  /** Type and format of the feedback sent. */
  feedback(): string[] {
    return this.sent
      .filter(isRtcp)
      .flatMap((packet) => [...splitRtcp(packet)])
      .map(({ type, format }) => `${type}/${format}`);
  }
}

let publisherPeer: RecordingPeer;
let publisher: MediaEndpoint;
let publication: Publication;
let subscriberPeer: RecordingPeer;
let subscriber: MediaEndpoint;
let subscription: Subscription;

function connect(rids: string[] = []): void {
  publisherPeer = new RecordingPeer(PUBLISHER_SSRC);
  publisher = new MediaEndpoint(publisherPeer, EXTENSIONS);
  publication = new Publication(publisherPeer, {
    sessionId: 'publisher',
    trackName: 'camera',
    mid: '1',
    kind: 'video',
    codec: VP8,
    rids,
    extensionIds: EXTENSIONS,
    createdAt: 0,
    isMuffled: false,
  });
  publisher.streams.add(publication);
  subscriberPeer = new RecordingPeer(SUBSCRIBER_SSRC);
  subscriber = new MediaEndpoint(subscriberPeer, EXTENSIONS);
  subscription = new Subscription(subscriberPeer, {
    kind: 'video',
    codec: THEIR_VP8,
    mid: '0',
    midId: MID_ID,
    streamId: 'publisher',
    riseAfterMs: DEFAULT_TIMINGS.riseAfterMs,
  });
  subscriber.addSubscription(subscription);
}

/** The publisher's browser sends a packet. */
function receive(fields: RtpFields, { mid = '1', rid = '', now = 0 } = {}): void {
  const extensions = { [MID_ID]: Buffer.from(mid), ...(rid ? { [RID_ID]: Buffer.from(rid) } : {}) };
  publisher.receive(rtpBytes({ extensions, ssrc: 1_000, payload: vp8Payload(), ...fields }), now);
}

const keyFrame = (sequence: number, more: RtpFields = {}): RtpFields => ({
  sequence,
  payload: vp8Payload({ keyFrame: true }),
  ...more,
});

beforeEach(() => connect());

describe('forwarding', () => {
  test('begins with a key frame, under numbers of the subscriber’s own', () => {
    subscription.attach(publication, { priorityOrdering: 'none', ridNotAvailable: 'none' }, new Map(), 0);
    subscription.start(0);
    receive({ sequence: 1 });
    expect(subscriberPeer.media()).toEqual([]);
    receive(keyFrame(2, { timestamp: 5 }));
    receive({ sequence: 3 });
    const [first, second] = subscriberPeer.media();
    expect(first).toMatchObject({ payloadType: 120, sequence: 2, timestamp: 5, ssrc: subscription.ssrc });
    expect(second).toMatchObject({ sequence: 3, ssrc: subscription.ssrc });
  });

  test('nothing is sent, and no key frame asked for, before the subscriber is negotiated and connected', () => {
    receive({ sequence: 1 });
    subscriberPeer.connected = false;
    subscription.attach(publication, { priorityOrdering: 'none', ridNotAvailable: 'none' }, new Map(), 0);
    subscription.start(0);
    receive(keyFrame(2));
    expect(publisherPeer.feedback()).toEqual([]);
    expect(subscriberPeer.sent).toEqual([]);
    subscriberPeer.connected = true;
    subscriber.connected(0);
    expect(publisherPeer.feedback()).toEqual(['206/1']);
  });

  test('the subscriber asks for a key frame, the publisher is asked at most once at a time', () => {
    subscription.attach(publication, { priorityOrdering: 'none', ridNotAvailable: 'none' }, new Map(), 0);
    subscription.start(0);
    receive(keyFrame(1));
    publisherPeer.sent.length = 0;
    for (let count = 0; count < 3; count++)
      subscriber.receive(writePictureLoss(SUBSCRIBER_SSRC, subscription.ssrc), 5_000);
    expect(publisherPeer.feedback()).toEqual(['206/1']);
  });

  test('a request for a key frame that is not answered is repeated, one that is answered is not', () => {
    subscription.attach(publication, { priorityOrdering: 'none', ridNotAvailable: 'none' }, new Map(), 0);
    subscription.start(0);
    receive({ sequence: 1 });
    const asked = (): number => publisherPeer.feedback().filter((kind) => kind === '206/1').length;
    expect(asked()).toBe(1);
    publisher.tick(KEY_FRAME_REQUEST_MS - 1);
    expect(asked()).toBe(1);
    publisher.tick(KEY_FRAME_REQUEST_MS);
    expect(asked()).toBe(2);
    receive(keyFrame(2, {}), { now: KEY_FRAME_REQUEST_MS });
    publisher.tick(KEY_FRAME_REQUEST_MS * 3);
    expect(asked()).toBe(2);
  });

  test('a lost packet is asked for, and goes out when its repair comes', () => {
    subscription.attach(publication, { priorityOrdering: 'none', ridNotAvailable: 'none' }, new Map(), 0);
    subscription.start(0);
    receive(keyFrame(10));
    receive({ sequence: 12 });
    expect(publisherPeer.feedback()).toContain('205/1');
    const original = Buffer.concat([Buffer.from([0, 11]), vp8Payload()]);
    receive({ payloadType: 97, sequence: 900, ssrc: 1_001, payload: original });
    receive({ payloadType: 97, sequence: 901, ssrc: 1_001, payload: original });
    expect(subscriberPeer.media().map(({ sequence }) => sequence)).toEqual([10, 12, 11]);
  });

  test('a packet the subscriber missed is sent again on its retransmission stream', () => {
    subscription.attach(publication, { priorityOrdering: 'none', ridNotAvailable: 'none' }, new Map(), 0);
    subscription.start(0);
    receive(keyFrame(10));
    subscriberPeer.sent.length = 0;
    subscriber.receive(writeNack(SUBSCRIBER_SSRC, subscription.ssrc, [10, 11]), 0);
    const [repair, ...others] = subscriberPeer.media();
    expect(others).toEqual([]);
    expect(repair).toMatchObject({ payloadType: 121, ssrc: subscription.retransmissionSsrc });
    expect(repair!.buffer.readUInt16BE(repair!.payloadStart)).toBe(10);
    const payload = repair!.buffer.subarray(repair!.payloadStart + 2, repair!.payloadEnd);
    expect(payload).toEqual(vp8Payload({ keyFrame: true }));
  });

  test("the publisher's clock is passed on under the subscriber's SSRC", () => {
    subscription.attach(publication, { priorityOrdering: 'none', ridNotAvailable: 'none' }, new Map(), 0);
    subscription.start(0);
    receive(keyFrame(1));
    subscriberPeer.sent.length = 0;
    const report = { ssrc: 1_000, ntpSeconds: 9, ntpFraction: 8, timestamp: 7, packets: 6, octets: 5 };
    publisher.receive(writeSenderReport(report, 'x'), 0);
    const [sent] = subscriberPeer.sent;
    expect([sent!.readUInt32BE(4), sent!.readUInt32BE(8), sent!.readUInt32BE(16)]).toEqual([subscription.ssrc, 9, 7]);
  });

  test('pointed at another publication it goes on in one stream', () => {
    subscription.attach(publication, { priorityOrdering: 'none', ridNotAvailable: 'none' }, new Map(), 0);
    subscription.start(0);
    receive(keyFrame(10));
    const other = new Publication(publisherPeer, {
      sessionId: 'publisher',
      trackName: 'other',
      mid: '2',
      kind: 'video',
      codec: VP8,
      rids: [],
      extensionIds: EXTENSIONS,
      createdAt: 0,
      isMuffled: false,
    });
    publisher.streams.add(other);
    receive(keyFrame(5_000, { ssrc: 2_000 }), { mid: '2' });
    subscription.attach(other, { priorityOrdering: 'none', ridNotAvailable: 'none' }, new Map(), 0);
    receive({ sequence: 11 });
    receive({ sequence: 5_001, ssrc: 2_000 }, { mid: '2' });
    receive(keyFrame(5_002, { ssrc: 2_000 }), { mid: '2' });
    expect(subscriberPeer.media().map(({ sequence, ssrc }) => [sequence, ssrc])).toEqual([
      [10, subscription.ssrc],
      [11, subscription.ssrc],
    ]);
  });
});

describe('simulcast', () => {
  beforeEach(() => connect(['a', 'b']));

  test('layers are told apart by rid, also when the browser has stopped naming them', () => {
    subscription.attach(
      publication,
      { preferredRid: 'b', priorityOrdering: 'none', ridNotAvailable: 'none' },
      new Map(),
      0,
    );
    subscription.start(0);
    receive(keyFrame(1, { ssrc: 1 }), { rid: 'a' });
    receive(keyFrame(101, { ssrc: 2 }), { rid: 'b' });
    publisher.receive(rtpBytes({ sequence: 2, ssrc: 1, payload: vp8Payload() }), 0);
    publisher.receive(rtpBytes({ sequence: 102, ssrc: 2, payload: vp8Payload() }), 0);
    expect(subscriberPeer.media().map(({ sequence }) => sequence)).toEqual([101, 102]);
  });

  test('a switch waits for the key frame of the new layer, and the old one flows until then', () => {
    subscription.attach(
      publication,
      { preferredRid: 'a', priorityOrdering: 'none', ridNotAvailable: 'none' },
      new Map(),
      0,
    );
    subscription.start(0);
    receive(keyFrame(1, { ssrc: 1 }), { rid: 'a', now: 4_900 });
    receive(keyFrame(101, { ssrc: 2 }), { rid: 'b', now: 4_900 });
    publisherPeer.sent.length = 0;
    subscription.choose({ preferredRid: 'b', priorityOrdering: 'none', ridNotAvailable: 'none' }, 5_000);
    expect(publisherPeer.sent).toEqual([writePictureLoss(PUBLISHER_SSRC, 2)]);
    receive({ sequence: 2, ssrc: 1 }, { rid: 'a' });
    receive({ sequence: 102, ssrc: 2 }, { rid: 'b' });
    receive(keyFrame(103, { ssrc: 2 }), { rid: 'b' });
    receive({ sequence: 3, ssrc: 1 }, { rid: 'a' });
    receive({ sequence: 104, ssrc: 2 }, { rid: 'b' });
    expect(subscriberPeer.media().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
  });

  test('over many switches, wrap-arounds included, the stream has no gap and its clock does not jump', () => {
    const frameMs = 40;
    const frameTicks = frameMs * 90;
    const layers = [
      { rid: 'a', ssrc: 1, sequence: 65_530, timestamp: 4_294_960_000 },
      { rid: 'b', ssrc: 2, sequence: 7, timestamp: 90 },
    ];
    const choice = (index: number): LayerChoice => ({
      preferredRid: layers[index]!.rid,
      priorityOrdering: 'none',
      ridNotAvailable: 'none',
    });
    subscription.attach(publication, choice(0), new Map(), 0);
    subscription.start(0);
    for (let frame = 0; frame < 60; frame++) {
      const now = frame * frameMs;
      const isSwitch = frame % 10 === 0;
      if (isSwitch) subscription.choose(choice((frame / 10) % 2), now);
      layers.forEach((layer, index) => {
        const sequence = (layer.sequence + frame) & 0xffff;
        const timestamp = (layer.timestamp + frame * frameTicks) >>> 0;
        const ntp = {
          ntpSeconds: 100 + Math.floor(now / 1000),
          ntpFraction: Math.floor(((now % 1000) / 1000) * 2 ** 32),
        };
        if (frame % 5 === 0)
          publisher.receive(writeSenderReport({ ssrc: index + 1, ...ntp, timestamp, packets: 1, octets: 1 }, 'x'), now);
        const payload = vp8Payload({ keyFrame: frame % 10 === 0 });
        receive({ sequence, timestamp, ssrc: layer.ssrc, payload }, { rid: layer.rid, now });
      });
    }
    const sent = subscriberPeer.media();
    expect(sent.length).toBeGreaterThan(55);
    sent.slice(1).forEach((packet, index) => {
      expect((packet.sequence - sent[index]!.sequence) & 0xffff).toBe(1);
      // At a switch the last picture of one layer and the first of the other are of the same moment.
      const ticks = (packet.timestamp - sent[index]!.timestamp) >>> 0;
      expect(ticks, `packet ${index + 1}`).toBeGreaterThan(0);
      expect(ticks, `packet ${index + 1}`).toBeLessThanOrEqual(frameTicks + 1);
    });
    const passed = (sent.at(-1)!.timestamp - sent[0]!.timestamp) >>> 0;
    expect(Math.abs(passed - 59 * frameTicks)).toBeLessThan(10);
  });

  test.each<[LayerChoice['priorityOrdering'], number[]]>([
    ['asciibetical', [1, 2]],
    ['none', [1]],
  ])('where the client reports loss and the order is %s, the layers sent are %j', (priorityOrdering, ssrcs) => {
    subscription.attach(publication, { preferredRid: 'a', priorityOrdering, ridNotAvailable: 'none' }, new Map(), 0);
    subscription.start(0);
    let sequence = 1;
    const sent: number[] = [];
    const frames = (now: number): void => {
      for (const [ssrc, rid] of [
        [1, 'a'],
        [2, 'b'],
      ] as const) {
        const before = subscriberPeer.media().length;
        receive(keyFrame(sequence, { ssrc }), { rid, now });
        if (subscriberPeer.media().length > before && sent.at(-1) !== ssrc) sent.push(ssrc);
      }
      sequence += 1;
    };
    const block = { packetsLost: 0, highestSequence: 0, jitter: 0, lastSenderReport: 0, delaySinceLastSenderReport: 0 };
    for (let now = 0; now < 3_000; now += 1_000) {
      frames(now);
      const report = { ...block, ssrc: subscription.ssrc, fractionLost: 64 };
      subscriber.receive(writeReceiverReport(SUBSCRIBER_SSRC, [report]), now);
    }
    frames(3_000);
    expect(sent).toEqual(ssrcs);
  });
});

test('what makes no sense is dropped', () => {
  for (const hex of ['', '80', 'ff'.repeat(40), '81cd000100000001', '80c80006', `90600001${'0'.repeat(16)}bede0fff`])
    publisher.receive(Buffer.from(hex, 'hex'), 0);
  expect(subscriberPeer.sent).toEqual([]);
});
