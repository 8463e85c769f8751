import type { TracksResponse } from '#protocol';
import { mutate } from '../session/mutation.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { refusal } from './api-error.ts';
import { publishTracks } from './publish-tracks.ts';
import { pullTracks } from './pull-tracks.ts';
import { parseNewTracks } from './requests.ts';

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
