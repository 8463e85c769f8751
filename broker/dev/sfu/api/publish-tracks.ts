import { randomUUID } from 'node:crypto';
import type { TrackResult, TracksResponse } from '#protocol';
import { parseDescription } from '../session/mutation.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { TrackError, trackRefusal } from './api-error.ts';
import { failedItem } from './failed-item.ts';
import { publish, reserve } from './publish.ts';
import type { NewTracksBody, TrackRequest } from './requests.ts';
import { prepareReturn } from './subscribe.ts';

/** Publishes local tracks: out of the client's offer, else on sections of the SFU's own offer. */
export function publishTracks(session: SfuSession, request: NewTracksBody): TracksResponse {
  const { sessionDescription, autoDiscover } = request;
  if (!sessionDescription) return reserveTracks(session, request.tracks);
  const sdp = parseDescription(sessionDescription.sdp);
  session.takeOffer(sdp);
  const discovered = autoDiscover ? discover(session, request.tracks) : [];
  const tracks = eachTrack([...request.tracks, ...discovered], (track) => publishOffered(session, track));
  return { requiresImmediateRenegotiation: false, tracks, sessionDescription: session.negotiation.createAnswer() };
}

/** A random name for every sending section that has none. */
function discover(session: SfuSession, named: readonly TrackRequest[]): TrackRequest[] {
  return session.negotiation.sections
    .filter(({ mid, clientSends, publication }) => clientSends && !publication && !named.some((t) => t.mid === mid))
    .map(({ mid }) => ({ location: 'local', mid, trackName: randomUUID() }));
}

function publishOffered(session: SfuSession, { mid = '', trackName, bidirectionalMediaStream }: TrackRequest): string {
  const section = session.negotiation.section(mid);
  if (!section?.clientSends) throw trackRefusal.invalid(`No section ${mid} of the offer sends media`);
  publish(session, section, trackName);
  if (bidirectionalMediaStream) prepareReturn(session, section);
  return mid;
}

/** Without an offer only sections in both directions work; the real service fails for others in the same way. */
function reserveTracks(session: SfuSession, requests: readonly TrackRequest[]): TracksResponse {
  const tracks = eachTrack(requests, ({ trackName, kind, bidirectionalMediaStream }) => {
    if (!bidirectionalMediaStream || !kind) throw new TrackError('internal_error', 'Backend error');
    const section = reserve(session, kind, trackName);
    prepareReturn(session, section);
    return section.mid;
  });
  if (tracks.every(({ errorCode }) => errorCode)) return { requiresImmediateRenegotiation: false, tracks };
  return { requiresImmediateRenegotiation: true, tracks, sessionDescription: session.negotiation.createOffer() };
}

/** `work` answers the section's mid, or throws a {@link TrackError} that fails this track alone. */
function eachTrack(tracks: readonly TrackRequest[], work: (track: TrackRequest) => string): TrackResult[] {
  return tracks.map((track) => {
    try {
      return { mid: work(track), trackName: track.trackName };
    } catch (error) {
      return failedItem(track, error);
    }
  });
}
