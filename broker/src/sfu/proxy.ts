import {
  compact,
  parseCloseTracksRequest,
  parseNewTracksRequest,
  parseRecord,
  parseRenegotiateRequest,
  parseUpdateTracksRequest,
  type LocalTrackRequest,
  type NewTracksRequest,
  type RemoteTrackRequest,
  type TrackResult,
  type TracksResponse,
} from '#protocol';
import { json, readJson } from '../http.ts';
import { allowed, refuse } from '../refusal.ts';
import { limitVisits, readCaller, type Caller, type RoomRequest } from '../room/caller.ts';
import type { Access } from '../room/room.ts';
import type { Session } from '../room/seat.ts';
import { newHandle } from '../secret.ts';
import { madeDespite } from './abandoned.ts';
import { checkPublish, checkReceive, settlePublished } from './authorize.ts';
import { SfuClient } from './sfu-client.ts';

/** A call on one session: the caller owns it, and `remotes` were looked up in the caller's room and nowhere else. */
interface SessionCall extends Access {
  caller: Caller;
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
  const sfuId = await new SfuClient(config.sfu).newSession();
  const handle = newHandle();
  if (!(await room.commit(ref, [{ handle, sfuId, published: [], pulled: [] }]))) throw refuse('unauthorized');
  return json({ sessionId: handle }, 201);
}

/** `POST /sessions/{id}/tracks/new` */
export async function newTracks(request: RoomRequest, env: Env, context: ExecutionContext): Promise<Response> {
  const caller = await readCaller(request, env);
  const { tracks, sessionDescription } = parseNewTracksRequest(await readJson(request));
  const local = tracks.filter((track) => track.location === 'local');
  const remote = tracks.filter((track) => track.location === 'remote');
  if (tracks.length === 0 || (local.length > 0 && remote.length > 0))
    throw refuse('decoding_error', 'tracks must be all local or all remote, and not none');
  const call = await openCall(request, caller, context, remote);
  return json(
    await (local.length > 0 ? publish(call, local, sessionDescription) : pull(call, remote, sessionDescription)),
  );
}

/** `PUT /sessions/{id}/tracks/update` */
export async function updateTracks(request: RoomRequest, env: Env, context: ExecutionContext): Promise<Response> {
  const caller = await readCaller(request, env);
  const { tracks } = parseUpdateTracksRequest(await readJson(request));
  const call = await openCall(request, caller, context, tracks);
  requireSubscribe(call);
  const { known, unknown, handles } = resolve(call, tracks);
  const answer = known.length > 0 && (await call.sfu.updateTracks(call.session.sfuId, { tracks: known }, handles));
  return json(merge(answer || undefined, unknown));
}

/** `PUT /sessions/{id}/tracks/close` */
export async function closeTracks(request: RoomRequest, env: Env, context: ExecutionContext): Promise<Response> {
  const caller = await readCaller(request, env);
  const body = parseCloseTracksRequest(await readJson(request));
  const { sfu, session, ref } = await openCall(request, caller, context);
  if (body.sessionDescription) allowed(checkReceive(body.sessionDescription.sdp, session.published));
  const answer = await sfu.closeTracks(session.sfuId, body);
  const failed = answer.tracks.filter(({ errorCode }) => errorCode !== undefined && errorCode !== 'close_track_error');
  const closed = body.tracks.filter(({ mid }) => !failed.some((track) => track.mid === mid)).map(({ mid }) => mid);
  await caller.room.tracksClosed(ref, session.handle, closed);
  return json(answer);
}

/** `PUT /sessions/{id}/renegotiate` */
export async function renegotiate(request: RoomRequest, env: Env, context: ExecutionContext): Promise<Response> {
  const caller = await readCaller(request, env);
  const { sessionDescription } = parseRenegotiateRequest(await readJson(request));
  if (sessionDescription.type !== 'answer') throw refuse('decoding_error', 'sessionDescription.type must be answer');
  const { sfu, session } = await openCall(request, caller, context);
  allowed(checkReceive(sessionDescription.sdp, session.published));
  return json(await sfu.renegotiate(session.sfuId, sessionDescription));
}

/** `GET /sessions/{id}` */
export async function getSession(request: RoomRequest, env: Env, context: ExecutionContext): Promise<Response> {
  const caller = await readCaller(request, env);
  const { sfu, session } = await openCall(request, caller, context);
  const tracks = await sfu.getSession(session.sfuId);
  const sfuIds = tracks.flatMap((track) => track.sessionId ?? []);
  const handles = sfuIds.length > 0 ? await caller.room.handlesOf(sfuIds) : new Map<string, string>();
  const handleOf = ({ sessionId }: (typeof tracks)[number]) => sessionId && handles.get(sessionId);
  return json({ tracks: tracks.map((track) => compact({ ...track, sessionId: handleOf(track) })), dataChannels: [] });
}

async function openCall(
  request: RoomRequest,
  caller: Caller,
  context: ExecutionContext,
  remotes: readonly RemoteTrackRequest[] = [],
): Promise<SessionCall> {
  const wanted = remotes.map(({ sessionId, trackName }) => ({ sessionId, trackName }));
  const access = allowed(await caller.room.access(caller.bearer, request.params['session'] ?? '', wanted));
  return { ...access, caller, context, sfu: new SfuClient(caller.config.sfu) };
}

async function publish(
  call: SessionCall,
  tracks: LocalTrackRequest[],
  sessionDescription: NewTracksRequest['sessionDescription'],
): Promise<TracksResponse> {
  const { caller, sfu, session, ref, grants } = call;
  if (sessionDescription?.type !== 'offer') throw refuse('decoding_error', 'Local tracks need an offer');
  const { published } = allowed(checkPublish(sessionDescription.sdp, tracks, grants, session.published));
  const mids = tracks.map(({ mid }) => mid);
  const answer = await remembered(call, mids, sfu.newTracks(session.sfuId, { sessionDescription, tracks }));
  const made = settlePublished(published, answer.tracks);
  if (!(await caller.room.commit(ref, [changed(session, { published: made })]))) throw refuse('unauthorized');
  return answer;
}

async function pull(
  call: SessionCall,
  tracks: RemoteTrackRequest[],
  sessionDescription: NewTracksRequest['sessionDescription'],
): Promise<TracksResponse> {
  const { caller, context, sfu, session, ref } = call;
  requireSubscribe(call);
  if (sessionDescription) allowed(checkReceive(sessionDescription.sdp, session.published));
  const { known, unknown, handles } = resolve(call, tracks);
  if (known.length === 0) return merge(undefined, unknown);
  const asked = sfu.newTracks(session.sfuId, compact({ sessionDescription, tracks: known }), handles);
  const answer = await remembered(call, undefined, asked);
  const pulled = answer.tracks.flatMap((track) => track.mid || []);
  // The answer need not wait: what is lost here was never announced to anybody.
  context.waitUntil(caller.room.commit(ref, [changed(session, { pulled })]));
  return merge(answer, unknown);
}

/** What a call may have made though no answer came is remembered, to be closed with all else. */
async function remembered<T>(
  { caller, context, session, ref }: SessionCall,
  mids: readonly string[] | undefined,
  asked: Promise<T>,
): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const made = madeDespite(error, mids);
    if (made.length > 0) context.waitUntil(caller.room.commit(ref, [changed(session, { pulled: made })]));
    throw error;
  }
}

function requireSubscribe({ grants }: SessionCall): void {
  if (!grants.subscribe) throw refuse('forbidden', 'The token does not grant subscribing');
}

/** Splits what is asked for into tracks of this room, under the SFU's own ids, and results for all others. */
function resolve<T extends RemoteTrackRequest>({ session, remotes }: Access, tracks: readonly T[]) {
  const known: T[] = [];
  const unknown: TrackResult[] = [];
  const handles = new Map<string, string>([[session.sfuId, session.handle]]);
  tracks.forEach((track, index) => {
    const { sessionId, trackName } = track;
    const sfuId = remotes[index];
    if (sfuId === undefined) return unknown.push({ ...UNKNOWN_TRACK, sessionId, trackName });
    handles.set(sfuId, sessionId);
    return known.push({ ...track, sessionId: sfuId });
  });
  return { known, unknown, handles };
}

function merge(answer: TracksResponse | undefined, unknown: readonly TrackResult[]): TracksResponse {
  return {
    requiresImmediateRenegotiation: false,
    ...answer,
    tracks: [...(answer?.tracks ?? []), ...unknown],
  };
}

function changed({ handle, sfuId }: Session, made: Partial<Session>): Session {
  return { handle, sfuId, published: [], pulled: [], ...made };
}
