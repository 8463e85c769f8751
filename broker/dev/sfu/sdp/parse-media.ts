import { parameter, type Codec } from './codec.ts';
import type { HeaderExtension } from './header-extension.ts';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** What the lines of an audio or video section say. */
export interface ParsedMedia {
  direction: Direction;
  /** In the order of preference, retransmission payloads folded in. */
  codecs: Codec[];
  extensions: HeaderExtension[];
  /** Simulcast layers the client sends. */
  rids: string[];
  /** None with simulcast: Firefox declares them, but does not say which layer each belongs to. */
  ssrcs: number[];
}

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** Parses the lines of one audio or video section, the m= line first. */
export function parseMedia(lines: readonly string[]): ParsedMedia {
  const direction = DIRECTIONS.find((direction) => lines.includes(`a=${direction}`)) ?? 'sendrecv';
  const extensions: HeaderExtension[] = [];
  const ssrcs = new Set<number>();
  let rids: string[] = [];
  for (const line of lines) {
    let match: RegExpMatchArray | null;
    if ((match = line.match(/^a=extmap:(\d+)(?:\/\w+)? (\S+)/)))
      extensions.push({ id: Number(match[1]), uri: match[2]! });
    else if ((match = line.match(/^a=ssrc:(\d+)/))) ssrcs.add(Number(match[1]));
    else if ((match = line.match(/^a=simulcast:.*?send ([^ ]+)/))) rids = parseRids(match[1]!);
  }
  return { direction, codecs: parseCodecs(lines), extensions, rids, ssrcs: rids.length > 0 ? [] : [...ssrcs] };
}

/** `a;b,c;~d`: alternatives after a comma are left out, `~` marks a layer that starts paused. */
function parseRids(list: string): string[] {
  return list.split(';').map((alternatives) => alternatives.split(',')[0]!.replace('~', ''));
}

function parseCodecs(lines: readonly string[]): Codec[] {
  const payloadTypes = lines[0]!.split(' ').slice(3).map(Number);
  const codecs = payloadTypes.flatMap((payloadType) => parseCodec(lines, payloadType) ?? []);
  const retransmissions = codecs.filter((codec) => codec.name === 'rtx');
  return codecs
    .filter((codec) => codec.name !== 'rtx')
    .map((codec) => {
      const rtx = retransmissions.find((entry) => parameter(entry.parameters, 'apt') === String(codec.payloadType));
      return rtx ? { ...codec, retransmission: rtx.payloadType } : codec;
    });
}

function parseCodec(lines: readonly string[], payloadType: number): Codec | undefined {
  const values = (name: string): string[] =>
    lines
      .filter((line) => line.startsWith(`a=${name}:${payloadType} `))
      .map((line) => line.slice(line.indexOf(' ') + 1));
  const map = (values('rtpmap')[0] ?? STATIC_PAYLOADS[payloadType])?.match(/^([^/]+)\/(\d+)(?:\/(\d+))?$/);
  if (!map) return undefined;
  return {
    payloadType,
    name: map[1]!.toLowerCase(),
    clockRate: Number(map[2]),
    channels: Number(map[3] ?? 1),
    parameters: values('fmtp')[0] ?? '',
    feedback: values('rtcp-fb'),
  };
}

/** Payload types that need no a=rtpmap (RFC 3551). */
const STATIC_PAYLOADS: Readonly<Record<number, string>> = { 0: 'PCMU/8000', 8: 'PCMA/8000' };
