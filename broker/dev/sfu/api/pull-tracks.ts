import type { TrackResult, TracksResponse } from '#protocol';
import type { Publication } from '../media/publication.ts';
import { parseDescription } from '../session/mutation.ts';
import type { Section } from '../session/section.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { TrackError, trackRefusal } from './api-error.ts';
import { failedItem } from './failed-item.ts';
import { findPublication } from './find-publication.ts';
import type { NewTracksBody, TrackRequest } from './requests.ts';
import { sectionCodec, subscribe } from './subscribe.ts';

/** Pulls remote tracks: onto free sections of the client's offer, else onto sections of the SFU's own offer. */
export async function pullTracks(
  sessions: SessionRegistry,
  session: SfuSession,
  request: NewTracksBody,
): Promise<TracksResponse> {
  const sdp = request.sessionDescription && parseDescription(request.sessionDescription.sdp);
  const found = await Promise.all(request.tracks.map((track) => lookUp(sessions, track)));
  if (sdp) session.takeOffer(sdp);
  let needsOffer = false;
  const tracks = request.tracks.map((track, index): TrackResult => {
    try {
      const publication = found[index];
      if (!publication || publication instanceof TrackError) throw publication ?? trackRefusal.notFound();
      const section = place(session, track, publication, sdp !== undefined);
      // A section that has its stream already needs no word with the client.
      const isNew = section.subscription === undefined;
      subscribe(session, section, publication, publication.rids.length > 0 ? track.simulcast : undefined);
      needsOffer ||= isNew;
      return { mid: section.mid, trackName: track.trackName, sessionId: publication.sessionId };
    } catch (error) {
      return failedItem(track, error);
    }
  });
  if (sdp)
    return { requiresImmediateRenegotiation: false, tracks, sessionDescription: session.negotiation.createAnswer() };
  if (!needsOffer) return { requiresImmediateRenegotiation: false, tracks };
  return { requiresImmediateRenegotiation: true, tracks, sessionDescription: session.negotiation.createOffer() };
}

async function lookUp(sessions: SessionRegistry, track: TrackRequest): Promise<Publication | TrackError> {
  try {
    return await findPublication(sessions, track.sessionId ?? '', track.trackName);
  } catch (error) {
    if (error instanceof TrackError) return error;
    throw error;
  }
}

function place(session: SfuSession, track: TrackRequest, publication: Publication, byClientOffer: boolean): Section {
  const { negotiation } = session;
  if (track.mid) {
    const named = track.mid.startsWith('#') ? session.sectionOf(track.mid.slice(1)) : negotiation.section(track.mid);
    if (!named) throw trackRefusal.invalid(`No section ${track.mid}`);
    return named;
  }
  if (byClientOffer) {
    const vacant = negotiation.sections.find((section) => section.isVacant(publication.kind));
    if (!vacant) throw trackRefusal.invalid(`The offer has no free section that receives ${publication.kind}`);
    return vacant;
  }
  const section = negotiation.addSection(publication.kind, 'subscriber');
  section.codecs = [sectionCodec(session, publication)];
  return section;
}
