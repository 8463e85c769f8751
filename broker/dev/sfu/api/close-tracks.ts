import type { TrackResult, TracksResponse } from '#protocol';
import { mutate, parseDescription } from '../session/mutation.ts';
import type { Section } from '../session/section.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { trackRefusal } from './api-error.ts';
import { parseCloseTracks } from './requests.ts';

/** `PUT /sessions/{id}/tracks/close`: by the client's offer, or by force without any SDP. */
export function closeTracks(session: SfuSession, body: unknown): Promise<TracksResponse> {
  const { tracks, force, sessionDescription } = parseCloseTracks(body);
  return mutate(session, { carriesOffer: sessionDescription !== undefined }, () => {
    const sdp = sessionDescription && parseDescription(sessionDescription.sdp);
    // Looked up before the offer, which may stop the very section, and end its tracks, by itself.
    const open = tracks.map(({ mid }) => ({ mid, section: openSection(session, mid) }));
    if (sdp) session.takeOffer(sdp);
    const results = open.map(({ mid, section }) => {
      if (!section) return alreadyClosed(mid);
      if (force) recordForced(section);
      session.unpublish(section);
      session.unsubscribe(section);
      return { mid };
    });
    const response: TracksResponse = { requiresImmediateRenegotiation: false, tracks: results };
    return sdp ? { ...response, sessionDescription: session.negotiation.createAnswer() } : response;
  });
}

function openSection(session: SfuSession, mid: string): Section | undefined {
  const section = session.negotiation.section(mid);
  return section?.publication || section?.subscription ? section : undefined;
}

/** GET goes on listing the tracks, and what is published on the section again reaches nobody. */
function recordForced(section: Section): void {
  const { publication, subscription } = section;
  if (publication) {
    section.isSpent = true;
    section.closed.push({ location: 'local', trackName: publication.trackName });
  }
  const source = subscription?.source;
  if (source) section.closed.push({ location: 'remote', trackName: source.trackName, sessionId: source.sessionId });
}

function alreadyClosed(mid: string): TrackResult {
  const { code, message } = trackRefusal.alreadyClosed();
  return { mid, errorCode: code, errorDescription: message };
}
