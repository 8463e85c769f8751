/** One media section, as far as rights depend on it. */
export interface SdpSection {
  kind: 'audio' | 'video' | 'application' | 'other';
  /** Empty where the section has none. */
  mid: string;
  /** The writer of this description sends media in it. */
  sends: boolean;
}

const KINDS = ['audio', 'video', 'application'] as const;
const DIRECTION = /^\s*a=(sendrecv|sendonly|recvonly|inactive)\s*$/i;
const MID = /^a=mid:(\S+)\s*$/;
/** Whatever some reader may take for the end of a line, and is not one. */
// oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused here
const STRAY_CONTROL = /\r(?!\n)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * Reads the sections of a description. Undefined where another reader could see other sections than this one: stray
 * line ends, no sections' mids told apart. Whatever may be read as sending counts as sending.
 */
export function readSections(sdp: string): SdpSection[] | undefined {
  if (STRAY_CONTROL.test(sdp)) return undefined;
  const [session, ...sections] = sdp.split(/^(?=m=)/m);
  const sessionDirection = readDirections(session ?? '');
  const read = sections.map((text) => readSection(text, sessionDirection));
  const mids = read.map((section) => section.mid).filter((mid) => mid !== '');
  return new Set(mids).size === mids.length ? read : undefined;
}

function readSection(text: string, sessionDirection: string | undefined): SdpSection {
  const lines = text.split(/\r?\n/);
  const [media = '', port = ''] = (lines[0] ?? '').slice('m='.length).split(' ');
  const kind = KINDS.find((name) => name === media) ?? 'other';
  const mids = lines.flatMap((line) => MID.exec(line)?.[1] ?? []);
  return {
    kind,
    mid: mids.length === 1 ? (mids[0] ?? '') : '',
    sends: kind !== 'application' && isSending(lines, port, readDirections(text) ?? sessionDirection),
  };
}

function isSending(lines: readonly string[], port: string, direction: string | undefined): boolean {
  if (direction !== undefined) return direction.startsWith('send');
  // RFC 8866 section 6.7: sendrecv where nothing is said. RFC 9143 section 6: port 0 is alive in a bundle-only section.
  return port !== '0' || lines.includes('a=bundle-only');
}

/** The direction a text states; of several, one that sends. */
function readDirections(text: string): string | undefined {
  const stated = text.split(/\r?\n/).flatMap((line) => DIRECTION.exec(line)?.[1]?.toLowerCase() ?? []);
  return stated.find((direction) => direction.startsWith('send')) ?? stated[0];
}
