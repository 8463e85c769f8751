import type { MediaKind } from '../sdp/codec.ts';
import type { ClientParameters } from '../transport/raw-transport.ts';
import { EXTENSION_LINES, PAYLOAD_TYPE } from './synthetic-stream.ts';

export interface ClientSection {
  kind: MediaKind;
  mid: string;
  direction: 'sendonly' | 'recvonly';
  ssrcs: number[];
  /** Of simulcast; none otherwise. */
  rids?: readonly string[];
}

const { audio, video, retransmission } = PAYLOAD_TYPE;
const CODEC_LINES: Readonly<Record<MediaKind, readonly string[]>> = {
  audio: [`a=rtpmap:${audio} opus/48000/2`, `a=rtcp-fb:${audio} transport-cc`],
  video: [
    `a=rtpmap:${video} VP8/90000`,
    ...['nack', 'nack pli', 'ccm fir', 'transport-cc'].map((kind) => `a=rtcp-fb:${video} ${kind}`),
    `a=rtpmap:${retransmission} rtx/90000`,
    `a=fmtp:${retransmission} apt=${video}`,
  ],
};
const PAYLOADS: Readonly<Record<MediaKind, string>> = { audio: `${audio}`, video: `${video} ${retransmission}` };

/** A client's description of all its sections, the same for an offer and an answer. */
export function describeClient(client: ClientParameters, sections: readonly ClientSection[]): string {
  return lines([
    ...head(sections.map(({ mid }) => mid)),
    ...sections.flatMap(({ kind, mid, direction, ssrcs, rids = [] }) => [
      `m=${kind} 9 UDP/TLS/RTP/SAVPF ${PAYLOADS[kind]}`,
      ...transport(client, 'active'),
      `a=mid:${mid}`,
      `a=${direction}`,
      'a=rtcp-mux',
      ...CODEC_LINES[kind],
      ...EXTENSION_LINES,
      ...ssrcs.map((ssrc) => `a=ssrc:${ssrc} cname:synthetic`),
      ...rids.map((rid) => `a=rid:${rid} send`),
      ...(rids.length > 0 ? [`a=simulcast:send ${rids.join(';')}`] : []),
    ]),
  ]);
}

/** What a client's engine is told of the SFU: one media line. `candidates` are whole `a=` lines. */
export function describeServer(server: ClientParameters, candidates: readonly string[]): string {
  return lines([
    ...head(['m']),
    `m=video 9 UDP/TLS/RTP/SAVPF ${video}`,
    ...transport(server, 'passive'),
    'a=mid:m',
    'a=sendrecv',
    'a=rtcp-mux',
    `a=rtpmap:${video} VP8/90000`,
    ...candidates,
    'a=end-of-candidates',
  ]);
}

function head(mids: readonly string[]): string[] {
  return ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', `a=group:BUNDLE ${mids.join(' ')}`];
}

function transport({ iceUfrag, icePwd, fingerprint }: ClientParameters, setup: 'active' | 'passive'): string[] {
  return [
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${iceUfrag}`,
    `a=ice-pwd:${icePwd}`,
    `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
    `a=setup:${setup}`,
  ];
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\r\n`).join('');
}
