import { describe, expect, test } from 'vitest';
import type { MediaSection } from '../sdp/parse-sdp.ts';
import { parseSdp } from '../sdp/parse-sdp.ts';
import { goldenSdp, type GoldenName } from '../testing/golden-sdp.ts';
import { Negotiation } from './negotiation.ts';

const TRANSPORT = {
  iceUfrag: 'ufrag',
  icePwd: 'p'.repeat(22),
  fingerprint: Array(32).fill('0F').join(':'),
  candidates: [],
};

function newNegotiation(): { negotiation: Negotiation; ended: string[] } {
  const ended: string[] = [];
  const negotiation = new Negotiation('0'.repeat(32), TRANSPORT, {
    unpublish: ({ mid }) => ended.push(`unpublish ${mid}`),
    unsubscribe: ({ mid }) => ended.push(`unsubscribe ${mid}`),
    start: () => {},
  });
  return { negotiation, ended };
}

function answerTo(name: GoldenName): MediaSection[] {
  const { negotiation } = newNegotiation();
  negotiation.applyOffer(parseSdp(goldenSdp(name)));
  return parseSdp(negotiation.createAnswer().sdp).sections as MediaSection[];
}

const uris = ({ extensions }: MediaSection): string[] => extensions.map(({ uri }) => uri.split(/[:/]/).at(-1)!);

describe('the answer', () => {
  test('to a publisher: one codec a section, congestion feedback, the extensions that are read', () => {
    const [audio, video, data] = answerTo('publish');
    expect(audio).toMatchObject({ direction: 'recvonly', codecs: [{ name: 'opus', payloadType: 111 }] });
    expect(audio!.codecs[0]!.feedback).toEqual(['transport-cc']);
    expect(uris(audio!)).toEqual(['ssrc-audio-level', 'draft-holmer-rmcat-transport-wide-cc-extensions-01', 'mid']);
    expect(video!.codecs).toEqual([expect.objectContaining({ name: 'vp8', payloadType: 96, retransmission: 97 })]);
    expect(video!.codecs[0]!.feedback).toEqual(['transport-cc', 'ccm fir', 'nack', 'nack pli']);
    expect(data).toMatchObject({ kind: 'application', stopped: false });
  });

  test('to simulcast: the layers and the extensions that name them', () => {
    const { negotiation } = newNegotiation();
    negotiation.applyOffer(parseSdp(goldenSdp('simulcast')));
    const { sdp } = negotiation.createAnswer();
    expect(sdp).toContain('a=simulcast:recv a;b;c');
    expect(uris(parseSdp(sdp).sections[0] as MediaSection)).toEqual(
      expect.arrayContaining(['mid', 'rtp-stream-id', 'repaired-rtp-stream-id']),
    );
  });

  test('to a receiver with nothing to get: inactive, and every codec the SFU forwards stays open', () => {
    const [audio, video] = answerTo('receive');
    expect([audio!.direction, video!.direction]).toEqual(['inactive', 'inactive']);
    expect(new Set(video!.codecs.map(({ name }) => name))).toEqual(new Set(['vp8', 'vp9', 'h264', 'av1']));
  });

  test('never has an extension that the offer lacks, though an earlier one had it', () => {
    const { negotiation } = newNegotiation();
    negotiation.applyOffer(parseSdp(goldenSdp('publish')));
    negotiation.applyOffer(parseSdp(goldenSdp('publish').replace(/a=extmap:13 .*\r\n/, '')));
    const video = parseSdp(negotiation.createAnswer().sdp).sections[1] as MediaSection;
    expect(uris(video)).not.toContain('video-orientation');
    expect(uris(video)).toContain('mid');
  });
});

describe('the offer', () => {
  test("speaks in the client's numbers once they are known", () => {
    const { negotiation } = newNegotiation();
    // In this offer the mid extension has the id 9.
    negotiation.applyOffer(parseSdp(goldenSdp('simulcast')));
    const section = negotiation.addSection('video', 'subscriber');
    expect(section.mid).toBe('1');
    expect(section.extensions).toContainEqual({ id: 9, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' });
    const elsewhere = { name: 'vp8', clockRate: 90_000, channels: 1, parameters: '', feedback: [] };
    const codec = negotiation.numbering.codecFor({ ...elsewhere, payloadType: 120, retransmission: 121 });
    expect(codec).toMatchObject({ payloadType: 96, retransmission: 97 });
  });

  test('gives a codec the client never named a number that means nothing else', () => {
    const { negotiation } = newNegotiation();
    const offer = parseSdp(goldenSdp('publish'));
    negotiation.applyOffer(offer);
    const used = (offer.sections as MediaSection[])
      .slice(0, 2)
      .flatMap(({ codecs }) => codecs.map((c) => c.payloadType));
    const codec = negotiation.numbering.codecFor({
      payloadType: 96,
      name: 'vp9',
      clockRate: 90_000,
      channels: 1,
      parameters: 'profile-id=3',
      feedback: [],
    });
    expect(used).not.toContain(codec.payloadType);
  });

  test('waits for one answer, which must have its sections', () => {
    const { negotiation } = newNegotiation();
    for (const kind of ['audio', 'video'] as const) {
      const section = negotiation.addSection(kind, 'subscriber');
      const name = kind === 'audio' ? 'opus' : 'vp8';
      section.codecs = [{ payloadType: 96, name, clockRate: 90_000, channels: 1, parameters: '', feedback: [] }];
    }
    expect(negotiation.createOffer().type).toBe('offer');
    expect(negotiation.awaitsAnswer).toBe(true);
    expect(() => negotiation.applyAnswer(parseSdp(goldenSdp('publish')))).toThrow(/sections of the offer/);
    expect(negotiation.awaitsAnswer).toBe(true);
    negotiation.applyAnswer(parseSdp(goldenSdp('answer')));
    expect(negotiation.awaitsAnswer).toBe(false);
    expect(negotiation.sections.map(({ clientReceives }) => clientReceives)).toEqual([true, true]);
  });
});

describe('a later offer', () => {
  test('that stops a section ends its tracks and keeps its place', () => {
    const { negotiation, ended } = newNegotiation();
    negotiation.applyOffer(parseSdp(goldenSdp('answer')));
    ended.length = 0;
    negotiation.applyOffer(parseSdp(goldenSdp('stopped')));
    expect(ended).toEqual(expect.arrayContaining(['unpublish 0', 'unsubscribe 0']));
    expect(negotiation.section('0')).toBeUndefined();
    const sections = parseSdp(negotiation.createAnswer().sdp).sections;
    expect(sections).toMatchObject([
      { mid: '0', stopped: true },
      { mid: '1', stopped: false },
    ]);
  });

  test('may put a new section into the place of a stopped one', () => {
    const { negotiation } = newNegotiation();
    negotiation.applyOffer(parseSdp(goldenSdp('stopped')));
    const recycled = goldenSdp('answer').replace('a=mid:0', 'a=mid:5').replace('BUNDLE 0 1', 'BUNDLE 5 1');
    negotiation.applyOffer(parseSdp(recycled));
    expect(negotiation.sections.map(({ mid, stopped }) => [mid, stopped])).toEqual([
      ['5', false],
      ['1', false],
    ]);
  });

  test.each([
    ['lacks a section', goldenSdp('simulcast'), /lacks a section/],
    [
      'has another mid in a live place',
      goldenSdp('answer').replaceAll(/(mid:|BUNDLE )0/g, '$17'),
      /not the one it was/,
    ],
  ])('that %s is refused and changes nothing', (_, text, message) => {
    const { negotiation } = newNegotiation();
    negotiation.applyOffer(parseSdp(goldenSdp('answer')));
    const before = negotiation.createAnswer().sdp;
    expect(() => negotiation.applyOffer(parseSdp(text))).toThrow(message);
    const after = negotiation.createAnswer().sdp;
    expect(after.replace(/o=.*/, '')).toBe(before.replace(/o=.*/, ''));
  });
});
