import type { ClientParameters } from '../transport/raw-transport.ts';
import type { MediaKind } from './codec.ts';
import { parseMedia, type ParsedMedia } from './parse-media.ts';

/** What both kinds of section have. */
interface AnySection {
  mid: string;
  /** Stopped: port 0 and outside the bundle. Port 0 inside it is a live `a=bundle-only` section. */
  stopped: boolean;
}

export interface MediaSection extends AnySection, ParsedMedia {
  kind: MediaKind;
}

export interface DataSection extends AnySection {
  kind: 'application';
}

export type Section = MediaSection | DataSection;

export interface ParsedSdp {
  sections: Section[];
  /** Absent where no live section has ICE and DTLS parameters. */
  client?: ClientParameters;
}

export class SdpError extends Error {
  readonly code = 'sdp_error';
}

const SECTIONS_MAX = 1024;
const HASH_BYTES: Readonly<Record<string, number>> = {
  'sha-1': 20,
  'sha-224': 28,
  'sha-256': 32,
  'sha-384': 48,
  'sha-512': 64,
};

/** Parses a browser's description. Throws {@link SdpError} where it is not one. */
export function parseSdp(text: string): ParsedSdp {
  if (!text.startsWith('v=0')) throw new SdpError('it does not begin with v=0');
  if (!text.endsWith('\n')) throw new SdpError('missing termination at the end');
  const [head = [], ...parts] = text.split(/\r?\n(?=m=)/).map((part) => part.split(/\r?\n/).filter(Boolean));
  if (parts.length > SECTIONS_MAX) throw new SdpError('too many sections');
  const bundle = new Set(
    head.filter((line) => line.startsWith('a=group:BUNDLE')).flatMap((line) => line.split(' ').slice(1)),
  );
  const sections = parts.map((lines) => parseSection(lines, bundle));
  if (new Set(sections.map((section) => section.mid)).size !== sections.length)
    throw new SdpError('two sections have the same mid');
  const live = parts.filter((_, index) => !sections[index]!.stopped);
  const client = live.map((lines) => clientParameters(lines, head)).find((found) => found !== undefined);
  return client ? { sections, client } : { sections };
}

function parseSection(lines: string[], bundle: ReadonlySet<string>): Section {
  const [kind, port] = lines[0]!.slice(2).split(' ');
  const mid = attribute(lines, 'mid');
  if (!mid || mid.length > 64) throw new SdpError('a section has no mid');
  const stopped = port === '0' && !bundle.has(mid);
  if (kind === 'application') return { kind, mid, stopped };
  if (kind !== 'audio' && kind !== 'video') throw new SdpError(`unknown media ${kind}`);
  return { kind, mid, stopped, ...parseMedia(lines) };
}

function clientParameters(lines: string[], head: string[]): ClientParameters | undefined {
  const read = (name: string): string => attribute(lines, name) ?? attribute(head, name) ?? '';
  const iceUfrag = read('ice-ufrag');
  const icePwd = read('ice-pwd');
  const [algorithm = '', value = ''] = read('fingerprint').split(' ');
  if (!iceUfrag && !icePwd && !value) return undefined;
  if (!/^[\w+/]{4,256}$/.test(iceUfrag) || !/^[\w+/]{22,256}$/.test(icePwd)) throw new SdpError('bad ICE credentials');
  const fingerprint = { algorithm: algorithm.toLowerCase(), value };
  if (!/^([\da-f]{2}:)+[\da-f]{2}$/i.test(value) || value.split(':').length !== HASH_BYTES[fingerprint.algorithm])
    throw new SdpError('bad DTLS fingerprint');
  return { iceUfrag, icePwd, fingerprint };
}

function attribute(lines: readonly string[], name: string): string | undefined {
  const prefix = `a=${name}:`;
  return lines.find((line) => line.startsWith(prefix))?.slice(prefix.length);
}
