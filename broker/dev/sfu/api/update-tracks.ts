import type { TrackResult, TracksResponse } from '#protocol';
import { mutate } from '../session/mutation.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { TrackError, trackRefusal } from './api-error.ts';
import { findPublication } from './find-publication.ts';
import { parseUpdateTracks, type TrackRequest } from './requests.ts';
import { layerChoice, subscribe } from './subscribe.ts';

/** `PUT /sessions/{id}/tracks/update`: another layer, or another publication, on a receiving section. No SDP. */
export function updateTracks(sessions: SessionRegistry, session: SfuSession, body: unknown): Promise<TracksResponse> {
  const requests = parseUpdateTracks(body);
  return mutate(session, { carriesOffer: false }, async () => ({
    requiresImmediateRenegotiation: false,
    tracks: await Promise.all(requests.map((request) => updateTrack(sessions, session, request))),
  }));
}

async function updateTrack(
  sessions: SessionRegistry,
  session: SfuSession,
  request: TrackRequest,
): Promise<TrackResult> {
  const { mid = '', sessionId = '', trackName, simulcast } = request;
  const result: TrackResult = { mid, sessionId, trackName };
  try {
    const section = session.negotiation.section(mid);
    if (!section?.subscription) throw trackRefusal.notUpdatable(`Section ${mid} receives no track`);
    const publication = await findPublication(sessions, sessionId, trackName);
    if (simulcast && publication.rids.length === 0)
      throw trackRefusal.notUpdatable('The track is not published with simulcast');
    const { subscription } = section;
    if (!subscription) throw trackRefusal.notUpdatable(`Section ${mid} was closed`);
    if (subscription.source === publication) subscription.choose(layerChoice(simulcast), performance.now());
    else subscribe(session, section, publication, simulcast);
    return result;
  } catch (error) {
    if (!(error instanceof TrackError)) throw error;
    return { ...result, errorCode: error.code, errorDescription: error.message };
  }
}
