import type { Subscription } from '../media/subscription.ts';
import type { Direction } from '../sdp/parse-media.ts';
import type { OutgoingSection, OutgoingStream } from '../sdp/write-sdp.ts';
import type { Section } from './section.ts';

/** A section as the SFU's next description shows it. */
export function describeSection(section: Section, type: 'offer' | 'answer'): OutgoingSection {
  const { kind, mid, stopped } = section;
  if (kind === 'application') return { kind, mid, stopped };
  if (stopped) return { kind, mid, stopped };
  // An answer may not give more than the offer asks; an offer asks for what there is.
  const sends = section.subscription !== undefined && (type === 'offer' || section.clientReceives);
  const expects = section.publication !== undefined || section.reservedName !== undefined;
  const receives = type === 'offer' ? expects : section.clientSends;
  return {
    kind,
    mid,
    stopped,
    direction: direction(sends, receives),
    codecs: section.codecs,
    extensions: section.extensions,
    rids: receives ? section.rids : [],
    ...(sends && section.subscription ? { stream: streamOf(section.subscription) } : {}),
  };
}

function streamOf({ streamId, ssrc, retransmissionSsrc }: Subscription): OutgoingStream {
  return retransmissionSsrc === undefined ? { streamId, ssrc } : { streamId, ssrc, retransmissionSsrc };
}

function direction(sends: boolean, receives: boolean): Direction {
  if (sends) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}
