import type { Codec, MediaKind } from './codec.ts';
import type { HeaderExtension } from './header-extension.ts';
import type { Direction } from './parse-media.ts';

/** A description as the SFU gives it. */
export interface SdpDescription {
  type: 'offer' | 'answer';
  /** The o= line's: decimal digits, and a number that grows. */
  sessionId: string;
  version: number;
  transport: SdpTransport;
  sections: readonly OutgoingSection[];
}

export interface SdpTransport {
  iceUfrag: string;
  icePwd: string;
  /** SHA-256. */
  fingerprint: string;
  candidates: readonly string[];
}

export type OutgoingSection =
  | { kind: 'application'; mid: string; stopped: boolean }
  | { kind: MediaKind; mid: string; stopped: true }
  | OutgoingMedia;

export interface OutgoingMedia {
  kind: MediaKind;
  mid: string;
  stopped: false;
  direction: Direction;
  codecs: readonly Codec[];
  extensions: readonly HeaderExtension[];
  /** Simulcast layers the SFU accepts. */
  rids: readonly string[];
  /** The stream the SFU sends. */
  stream?: OutgoingStream;
}

export interface OutgoingStream {
  /** Media of one stream id is played in step: the publisher's session. */
  streamId: string;
  ssrc: number;
  retransmissionSsrc?: number;
}

const CONTROLLED_PORT = 9;

/** Writes a description. Every live section has all transport lines: the first, which has them by rule, may be stopped. */
export function writeSdp(description: SdpDescription): string {
  const mids = description.sections.filter((section) => !section.stopped).map((section) => section.mid);
  const lines = [
    'v=0',
    `o=- ${description.sessionId} ${description.version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE${mids.map((mid) => ` ${mid}`).join('')}`,
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS *',
    'a=ice-lite',
    ...description.sections.flatMap((section) => sectionLines(section, description)),
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

function sectionLines(section: OutgoingSection, description: SdpDescription): string[] {
  const port = section.stopped ? 0 : CONTROLLED_PORT;
  const transport = section.stopped ? [] : transportLines(description);
  const common = ['c=IN IP4 0.0.0.0', ...transport, `a=mid:${section.mid}`];
  if (section.kind === 'application') {
    const sctp = section.stopped ? [] : ['a=sctp-port:5000', 'a=max-message-size:262144'];
    return [`m=application ${port} UDP/DTLS/SCTP webrtc-datachannel`, ...common, ...sctp];
  }
  if (section.stopped) return [`m=${section.kind} 0 UDP/TLS/RTP/SAVPF 0`, ...common, 'a=inactive'];
  const payloadTypes = section.codecs.flatMap((codec) => [codec.payloadType, ...optional(codec.retransmission)]);
  return [
    `m=${section.kind} ${port} UDP/TLS/RTP/SAVPF ${payloadTypes.join(' ')}`,
    ...common,
    ...section.extensions.map((extension) => `a=extmap:${extension.id} ${extension.uri}`),
    `a=${section.direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...section.codecs.flatMap(codecLines),
    ...simulcastLines(section.rids),
    ...(section.stream ? streamLines(section.stream, section.mid) : []),
  ];
}

function transportLines({ type, transport }: SdpDescription): string[] {
  return [
    `a=ice-ufrag:${transport.iceUfrag}`,
    `a=ice-pwd:${transport.icePwd}`,
    `a=fingerprint:sha-256 ${transport.fingerprint}`,
    `a=setup:${type === 'offer' ? 'actpass' : 'passive'}`,
    ...transport.candidates.map((candidate) => `a=candidate:${candidate}`),
    'a=end-of-candidates',
  ];
}

function codecLines(codec: Codec): string[] {
  const { payloadType, name, clockRate, channels, parameters, feedback, retransmission } = codec;
  const encoding = `${name === 'opus' ? name : name.toUpperCase()}/${clockRate}${channels > 1 ? `/${channels}` : ''}`;
  return [
    `a=rtpmap:${payloadType} ${encoding}`,
    ...feedback.map((kind) => `a=rtcp-fb:${payloadType} ${kind}`),
    ...(parameters ? [`a=fmtp:${payloadType} ${parameters}`] : []),
    ...optional(retransmission).flatMap((rtx) => [
      `a=rtpmap:${rtx} rtx/${clockRate}`,
      `a=fmtp:${rtx} apt=${payloadType}`,
    ]),
  ];
}

function simulcastLines(rids: readonly string[]): string[] {
  if (rids.length === 0) return [];
  return [...rids.map((rid) => `a=rid:${rid} recv`), `a=simulcast:recv ${rids.join(';')}`];
}

function streamLines({ streamId, ssrc, retransmissionSsrc }: OutgoingStream, mid: string): string[] {
  const rtx = optional(retransmissionSsrc);
  return [
    `a=msid:${streamId} ${mid}-${ssrc}`,
    ...rtx.map((other) => `a=ssrc-group:FID ${ssrc} ${other}`),
    ...[ssrc, ...rtx].map((each) => `a=ssrc:${each} cname:${streamId}`),
  ];
}

function optional<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
