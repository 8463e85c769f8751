import type { Simulcast } from '#protocol';
import type { LayerChoice } from '../media/layer-choice.ts';
import type { Publication } from '../media/publication.ts';
import { Subscription } from '../media/subscription.ts';
import { codecIdentity, type Codec } from '../sdp/codec.ts';
import { Extension, FORWARDED_EXTENSIONS, SUBSCRIBER_FEEDBACK } from '../sdp/header-extension.ts';
import type { Section } from '../session/section.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { trackRefusal } from './api-error.ts';

/** The mid header extension holds no more in its one-byte form. */
const MID_EXTENSION_MAX = 16;

/** Points a section at a publication, and makes its subscription where it has none. Throws {@link TrackError}. */
export function subscribe(
  session: SfuSession,
  section: Section,
  publication: Publication,
  simulcast: Simulcast | undefined,
): void {
  if (section.kind !== publication.kind)
    throw trackRefusal.invalid(`The section is for ${section.kind}, the track is ${publication.kind}`);
  const codec = section.codecs.find((codec) => codecIdentity(codec) === codecIdentity(publication.codec));
  if (!codec) throw trackRefusal.invalid(`The section does not carry ${publication.codec.name}`);
  section.subscription ??= newSubscription(session, section, codec, publication.sessionId);
  const copied = copiedExtensions(section, publication);
  section.subscription.attach(publication, layerChoice(simulcast), copied, performance.now());
}

/** Gives a publisher's section a stream of its own in the other direction, so that a track can be pulled into it without SDP. */
export function prepareReturn(session: SfuSession, section: Section): void {
  section.subscription ??= newSubscription(session, section, section.codecs[0]!, session.id);
}

/** Describes the codec of a section that the SFU adds for a publication. */
export function sectionCodec(session: SfuSession, publication: Publication): Codec {
  const codec = session.negotiation.numbering.codecFor(publication.codec);
  return { ...codec, feedback: publication.kind === 'video' ? SUBSCRIBER_FEEDBACK : [] };
}

export function layerChoice(simulcast: Simulcast | undefined): LayerChoice {
  const { preferredRid, priorityOrdering = 'none', ridNotAvailable = 'none' } = simulcast ?? {};
  return { ...(preferredRid && { preferredRid }), priorityOrdering, ridNotAvailable };
}

function newSubscription(session: SfuSession, section: Section, codec: Codec, streamId: string): Subscription {
  if (section.kind === 'application') throw trackRefusal.invalid('A data section carries no track');
  section.codecs = [codec];
  const midId = section.extensions.find(({ uri }) => uri === Extension.mid)?.id;
  const subscription = new Subscription(session, {
    kind: section.kind,
    codec,
    mid: section.mid,
    midId: section.mid.length <= MID_EXTENSION_MAX ? midId : undefined,
    streamId,
    riseAfterMs: session.timings.riseAfterMs,
  });
  session.endpoint.addSubscription(subscription);
  return subscription;
}

function copiedExtensions(section: Section, publication: Publication): Map<number, number> {
  const copied = new Map<number, number>();
  for (const { uri, id } of section.extensions) {
    const from = publication.extensionIds.get(uri);
    if (from !== undefined && FORWARDED_EXTENSIONS.includes(uri)) copied.set(from, id);
  }
  return copied;
}
