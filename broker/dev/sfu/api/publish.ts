import { Publication } from '../media/publication.ts';
import type { Codec, MediaKind } from '../sdp/codec.ts';
import { PUBLISHER_FEEDBACK } from '../sdp/header-extension.ts';
import type { Section } from '../session/section.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { trackRefusal } from './api-error.ts';

/** What the SFU asks for on a section that it offers to a publisher. */
const OFFERED_CODECS: Readonly<Record<MediaKind, Codec>> = {
  audio: {
    payloadType: 111,
    name: 'opus',
    clockRate: 48_000,
    channels: 2,
    parameters: 'minptime=10;useinbandfec=1',
    feedback: [],
  },
  video: {
    payloadType: 96,
    name: 'vp8',
    clockRate: 90_000,
    channels: 1,
    parameters: '',
    feedback: [],
    retransmission: 97,
  },
};

/** Publishes what the client sends on a section. Throws {@link TrackError} where the name or the section is taken. */
export function publish(session: SfuSession, section: Section, trackName: string): void {
  if (section.kind === 'application') throw trackRefusal.invalid('A data section carries no track');
  if (section.publication?.trackName === trackName) return;
  if (section.publication || session.publication(trackName)) throw trackRefusal.repeated(trackName);
  const codec = section.codecs[0]!;
  section.codecs = [codec];
  const publication = new Publication(session, {
    sessionId: session.id,
    trackName,
    mid: section.mid,
    kind: section.kind,
    codec,
    rids: section.rids,
    extensionIds: session.negotiation.numbering.extensionIds,
    createdAt: performance.now(),
    isMuffled: section.isSpent,
  });
  section.publication = publication;
  if (!publication.isMuffled) session.endpoint.streams.add(publication);
}

/** Adds a section to the SFU's next offer, and keeps the name for what the client's answer sends on it. */
export function reserve(session: SfuSession, kind: MediaKind, trackName: string): Section {
  const isReserved = session.negotiation.sections.some((section) => section.reservedName === trackName);
  if (isReserved || session.publication(trackName)) throw trackRefusal.repeated(trackName);
  const section = session.negotiation.addSection(kind, 'publisher');
  section.codecs = [{ ...session.negotiation.numbering.codecFor(OFFERED_CODECS[kind]), feedback: PUBLISHER_FEEDBACK }];
  section.reservedName = trackName;
  return section;
}

/** Publishes the reserved names whose sections the client's answer sends on, and forgets the others. */
export function publishReserved(session: SfuSession): void {
  for (const section of session.negotiation.sections) {
    const { reservedName } = section;
    section.reservedName = undefined;
    if (reservedName !== undefined && section.clientSends && !section.stopped) publish(session, section, reservedName);
  }
}
