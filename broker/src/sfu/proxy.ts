import {
  compact,
  parseCloseTracksRequest,
  parseNewTracksRequest,
  parseRecord,
  parseRenegotiateRequest,
  parseUpdateTracksRequest,
  type RemoteTrackRequest,
  type TrackRequest,
  type TracksResponse,
} from '#protocol';
import { json, readJson } from '../http.ts';
import { allowed, refuse } from '../refusal.ts';
import { limitVisits, readCaller, type Caller, type RoomRequest } from '../room/caller.ts';
import { remember } from '../room/remember.ts';
import type { Access } from '../room/room.ts';
import type { Session } from '../room/sessions.ts';
import { newHandle } from '../secret.ts';
import { closedMids } from './abandoned.ts';
import { addTracks, type OpenSession } from './add-tracks.ts';
import { checkPublish, checkReceive } from './authorize.ts';
import { SfuClient, type Handles } from './sfu-client.ts';

/** A call on one session: the caller owns it, and `remotes` were looked up in the caller's room and nowhere else. */
interface SessionCall extends Access {
  env: Env;
  room: Caller['room'];
  sfu: SfuClient;
  context: ExecutionContext;
}

/** What the SFU itself answers for a track it does not know; a track of another room gets the same. */
const UNKNOWN_TRACK = {
  mid: '',
  errorCode: 'not_found_track_error',
  errorDescription: 'No such track is published in this room',
};

/** `POST /sessions/new` */
export async function newSession(request: RoomRequest, env: Env): Promise<Response> {
  const { config, room, bearer } = await readCaller(request, env);
  const body = await readJson(request);
  if (body !== undefined && parseRecord(body, 'body')['sessionDescription'] !== undefined)
    throw refuse('decoding_error', 'sessionDescription belongs to tracks/new');
  await limitVisits(env, bearer);
  const { ref } = allowed(await room.enter(bearer));
  const sfu = new SfuClient(config.sfu);
  const session = { handle: newHandle(), sfuId: await sfu.newSession(), published: [], pulled: [] };
  if (!(await remember({ env, room, sfu }, ref, [session]))) throw refuse('unauthorized');
  return json({ sessionId: session.handle }, 201);
}

/** `POST /sessions/{id}/tracks/new` */
export const newTracks = onSession(parseNewTracksRequest, (call, { tracks, sessionDescription }) => {
  const { session, grants } = call;
  const local = tracks.filter((track) => track.location === 'local');
  const remote = tracks.filter(isRemote);
  if (tracks.length === 0 || (local.length > 0 && remote.length > 0))
    throw refuse('decoding_error', 'tracks must be all local or all remote, and not none');
  if (remote.length > 0)
    return forKnown(call, remote, (known, handles) => {
      if (sessionDescription) allowed(checkReceive(sessionDescription.sdp, session.published));
      return addTracks(opened(call), compact({ sessionDescription, tracks: known }), [], handles);
    });
  if (sessionDescription?.type !== 'offer') throw refuse('decoding_error', 'Local tracks need an offer');
  const { published } = allowed(checkPublish(sessionDescription.sdp, local, grants, session.published));
  return addTracks(opened(call), { sessionDescription, tracks: local }, published);
});

/** `PUT /sessions/{id}/tracks/update` */
export const updateTracks = onSession(parseUpdateTracksRequest, (call, { tracks }) =>
  forKnown(call, tracks, (known, handles) => call.sfu.updateTracks(call.session.sfuId, { tracks: known }, handles)),
);

/** `PUT /sessions/{id}/tracks/close` */
export const closeTracks = onSession(parseCloseTracksRequest, async ({ room, sfu, session, ref }, body) => {
  if (body.sessionDescription) allowed(checkReceive(body.sessionDescription.sdp, session.published));
  const answer = await sfu.closeTracks(session.sfuId, body);
  await room.tracksClosed(ref, session.handle, closedMids(body.tracks, answer));
  return answer;
});

/** `PUT /sessions/{id}/renegotiate` */
export const renegotiate = onSession(parseRenegotiateRequest, ({ sfu, session }, { sessionDescription }) => {
  if (sessionDescription.type !== 'answer') throw refuse('decoding_error', 'sessionDescription.type must be answer');
  allowed(checkReceive(sessionDescription.sdp, session.published));
  return sfu.renegotiate(session.sfuId, sessionDescription);
});

/** `GET /sessions/{id}` */
export const getSession = onSession(
  () => ({}),
  async ({ room, sfu, session }) => {
    const tracks = await sfu.getSession(session.sfuId);
    const sfuIds = tracks.flatMap((track) => track.sessionId ?? []);
    const handles = sfuIds.length > 0 ? await room.handlesOf(sfuIds) : new Map<string, string>();
    const handleOf = (sessionId?: string) => sessionId && handles.get(sessionId);
    return {
      tracks: tracks.map((track) => compact({ ...track, sessionId: handleOf(track.sessionId) })),
      dataChannels: [],
    };
  },
);

/** A route below a session: `parse` reads the body, and the room says whether the session is the caller's. */
function onSession<T extends { tracks?: readonly (TrackRequest | { mid: string })[]; sessionDescription?: object }>(
  parse: (body: unknown) => T,
  run: (call: SessionCall, body: T) => Promise<object>,
) {
  return async (request: RoomRequest, env: Env, context: ExecutionContext): Promise<Response> => {
    const { config, room, bearer } = await readCaller(request, env);
    const body = parse(await readJson(request));
    const remotes = (body.tracks ?? []).filter(isRemote);
    const access = allowed(await room.access(bearer, request.params['session'] ?? '', remotes));
    return json(await run({ ...access, env, room, context, sfu: new SfuClient(config.sfu) }, body));
  };
}

/** Asks the SFU about those tracks that are published in this room, under its own ids, and answers for all others. */
async function forKnown<T extends RemoteTrackRequest>(
  { session, remotes, grants }: SessionCall,
  tracks: readonly T[],
  ask: (known: T[], handles: Handles) => Promise<TracksResponse>,
): Promise<TracksResponse> {
  if (!grants.subscribe) throw refuse('forbidden', 'The token does not grant subscribing');
  const handles = new Map([[session.sfuId, session.handle]]);
  const known = tracks.flatMap((track, index) => {
    const sfuId = remotes[index];
    if (sfuId === undefined) return [];
    handles.set(sfuId, track.sessionId);
    return [{ ...track, sessionId: sfuId }];
  });
  const unknown = tracks.filter((_track, index) => remotes[index] === undefined);
  const answer = known.length > 0 ? await ask(known, handles) : { requiresImmediateRenegotiation: false, tracks: [] };
  const refused = unknown.map(({ sessionId, trackName }) => ({ ...UNKNOWN_TRACK, sessionId, trackName }));
  return { ...answer, tracks: [...answer.tracks, ...refused] };
}

/** The session of a call: the room takes note of what is made in it. */
function opened(call: SessionCall): OpenSession {
  const { ref, session, sfu, context } = call;
  const { handle, sfuId } = session;
  const keep = async (made: Partial<Session>) => {
    const kept = remember(call, ref, [{ handle, sfuId, published: [], pulled: [], ...made }]);
    // Nobody waits for what was not published: what is lost of that was never announced to anybody.
    if (!made.published) context.waitUntil(kept);
    else if (!(await kept)) throw refuse('unauthorized');
  };
  return { sfu, sfuId, keep };
}

function isRemote(track: TrackRequest | { mid: string }): track is RemoteTrackRequest {
  return 'location' in track && track.location === 'remote';
}
