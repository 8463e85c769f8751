import { randomUUID } from 'node:crypto';
import type { TrackResult, TracksResponse } from '#protocol';
import { Publication } from '../media/publication.ts';
import { mutate, parseDescription } from '../session/mutation.ts';
import type { Section } from '../session/section.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { refusal, TrackError, trackRefusal } from './api-error.ts';
import { failedItem } from './failed-item.ts';
import { pullTracks } from './pull-tracks.ts';
import { parseNewTracks, type NewTracksBody, type TrackRequest } from './requests.ts';

/** `POST /sessions/{id}/tracks/new`: publishes or pulls, by the client's offer or the SFU's. */
export function newTracks(sessions: SessionRegistry, session: SfuSession, body: unknown): Promise<TracksResponse> {
  const request = parseNewTracks(body);
  const locations = new Set(request.tracks.map((track) => track.location));
  if (locations.size > 1) throw refusal.invalid('Local and remote tracks in one call are not supported');
  const rules = { carriesOffer: request.sessionDescription !== undefined, mayBeFirst: true };
  return mutate(session, rules, () =>
    locations.has('remote') ? pullTracks(sessions, session, request) : publishTracks(session, request),
  );
}

function publishTracks(session: SfuSession, request: NewTracksBody): TracksResponse {
  const { sessionDescription, autoDiscover } = request;
  if (!sessionDescription) {
    // The documented form without an offer fails like this on the real service too.
    const error = new TrackError('internal_error', 'Backend error');
    return { requiresImmediateRenegotiation: false, tracks: request.tracks.map((track) => failedItem(track, error)) };
  }
  const sdp = parseDescription(sessionDescription.sdp);
  session.negotiation.applyOffer(sdp);
  session.applyTransport(sdp);
  for (const section of sdp.sections)
    if (section.kind !== 'application') session.endpoint.streams.declare(section.mid, section.ssrcs);
  const discovered = autoDiscover ? discover(session, request.tracks) : [];
  const tracks = [...request.tracks, ...discovered].map((track): TrackResult => {
    try {
      publish(session, track);
      return { mid: track.mid ?? '', trackName: track.trackName };
    } catch (error) {
      return failedItem(track, error);
    }
  });
  return {
    requiresImmediateRenegotiation: false,
    tracks,
    sessionDescription: session.negotiation.createAnswer(),
  };
}

/** A random name for every sending section that has none. */
function discover(session: SfuSession, named: readonly TrackRequest[]): TrackRequest[] {
  return session.negotiation.sections
    .filter(({ mid, clientSends, publication }) => clientSends && !publication && !named.some((t) => t.mid === mid))
    .map(({ mid }) => ({ location: 'local', mid, trackName: randomUUID() }));
}

function publish(session: SfuSession, { mid = '', trackName }: TrackRequest): void {
  const section = session.negotiation.section(mid);
  if (!section || section.kind === 'application' || !section.clientSends)
    throw trackRefusal.invalid(`No section ${mid} of the offer sends media`);
  if (section.publication?.trackName === trackName) return;
  if (section.publication || session.publication(trackName)) throw trackRefusal.repeated(trackName);
  const publication = newPublication(session, section, section.kind, trackName);
  section.publication = publication;
  if (!publication.isMuffled) session.endpoint.streams.add(publication);
}

function newPublication(
  session: SfuSession,
  section: Section,
  kind: 'audio' | 'video',
  trackName: string,
): Publication {
  const codec = section.codecs[0]!;
  section.codecs = [codec];
  return new Publication(session, {
    sessionId: session.id,
    trackName,
    mid: section.mid,
    kind,
    codec,
    rids: section.rids,
    extensionIds: session.negotiation.numbering.extensionIds,
    createdAt: performance.now(),
    isMuffled: section.isSpent,
  });
}
