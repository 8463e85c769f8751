import {
  PROTOCOL_OLDEST,
  PROTOCOL_VERSION,
  SOURCE_KIND,
  TRACKS_PER_CALL_MAX,
  compact,
  parseDisplayName,
  parseJoinRequest,
  type ErrorBody,
  type Grants,
  type JoinMedia,
  type JoinRequest,
  type JoinResponse,
  type LiveTrack,
  type NewTracksRequest,
  type RoomTokenClaims,
  type SessionDescription,
  type Simulcast,
} from '#protocol';
import { readConfig } from '../env.ts';
import { json, readJson } from '../http.ts';
import { Refusal, allowed, refuse } from '../refusal.ts';
import { hashSecret, newHandle, newSecret } from '../secret.ts';
import { addTracks, type OpenSession } from '../sfu/add-tracks.ts';
import { checkPublish, checkReceive, receivingSections } from '../sfu/authorize.ts';
import { getIceServers } from '../sfu/ice-servers.ts';
import { unsealSession } from '../sfu/sealed-session.ts';
import { SfuClient } from '../sfu/sfu-client.ts';
import { limitVisits, readClaims, type RoomRequest } from './caller.ts';
import { remember } from './remember.ts';
import type { LiveRemote, Session } from './sessions.ts';

/** Opens the session that was made ready, or a new one. */
type Open = (media: { prepared?: string }) => Promise<OpenSession & { handle: string }>;

/**
 * `POST /rooms/{room}/join`: a seat, the roster, and media in both directions, in one round trip. The token is checked
 * before the room wakes. An SFU that fails costs the media asked for, not the seat.
 */
export async function join(request: RoomRequest, env: Env): Promise<Response> {
  const config = await readConfig(env);
  const claims = await readClaims(request, env, config);
  await limitVisits(env, { type: 'token', claims });
  const body = await readBody(request);
  if (body.protocol < PROTOCOL_OLDEST) throw refuse('client_too_old');

  const [memberSecret, ticket] = [newSecret(), newSecret()];
  const ticketHash = await hashSecret(ticket);
  const room = env.ROOMS.getByName(claims.room);
  const joined = allowed(
    await room.join({
      claims,
      name: readName(claims, body),
      secretHash: await hashSecret(memberSecret),
      ticketHash,
      ...(body.resume && { resumeHash: await hashSecret(body.resume) }),
    }),
  );

  const { self, roster, waiting } = joined;
  const answer = { protocol: PROTOCOL_VERSION, self, grants: joined.grants, roster, memberSecret, ticket };
  if (waiting) return json({ ...answer, waiting, iceServers: [] } satisfies JoinResponse);

  const sfu = new SfuClient(config.sfu);
  const sessions: Session[] = [];
  const open: Open = async ({ prepared }) => {
    const sfuId = await (prepared ? unsealSession(prepared, claims, config.sfu, Date.now()) : sfu.newSession());
    if (sfuId === undefined) throw refuse('session_error');
    const handle = newHandle();
    const keep = (made: Partial<Session>) => void sessions.push({ handle, sfuId, published: [], pulled: [], ...made });
    return { sfu, sfuId, handle, keep };
  };
  const [publish, receive, iceServers] = await Promise.all([
    body.publish && orError(startPublishing(open, body.publish, joined.grants)),
    body.receive && orError(startReceiving(open, body.receive, joined.live, joined.grants)),
    getIceServers(config),
  ]);
  if (sessions.length > 0 && !(await remember({ env, room, sfu }, joined.ref, sessions, ticketHash)))
    throw refuse('unauthorized', 'The seat was taken from elsewhere meanwhile');
  return json(compact({ ...answer, iceServers, publish, receive }) satisfies JoinResponse);
}

/** An empty body joins without media. */
async function readBody(request: Request): Promise<JoinRequest> {
  const body = await readJson(request);
  return body === undefined ? { protocol: PROTOCOL_VERSION } : parseJoinRequest(body);
}

function readName(claims: RoomTokenClaims, body: JoinRequest): string {
  if (claims.name !== undefined) return claims.name;
  if (body.name === undefined || body.name.trim() === '') return '';
  const name = parseDisplayName(body.name);
  if (name === undefined) throw refuse('decoding_error', 'name is too long or has characters that cannot be shown');
  return name;
}

async function startPublishing(
  open: Open,
  publish: NonNullable<JoinRequest['publish']>,
  grants: Grants,
): Promise<JoinMedia> {
  const { sessionDescription, tracks } = publish;
  const { published } = allowed(checkPublish(sessionDescription.sdp, tracks, grants, []));
  const session = await open(publish);
  return { sessionId: session.handle, ...(await addTracks(session, { sessionDescription, tracks }, published)) };
}

async function startReceiving(
  open: Open,
  receive: NonNullable<JoinRequest['receive']>,
  live: readonly LiveRemote[],
  grants: Grants,
): Promise<JoinMedia | undefined> {
  const { sessionDescription, prepared } = receive;
  if (!grants.subscribe) throw refuse('forbidden', 'The token does not grant subscribing');
  if (sessionDescription) allowed(checkReceive(sessionDescription.sdp, []));
  const wanted = choose(live, sessionDescription);
  if (wanted.length === 0 && prepared === undefined) return undefined;
  const session = await open(receive);
  const { handle: sessionId, keep } = session;
  if (wanted.length === 0) {
    await keep({});
    return { sessionId, requiresImmediateRenegotiation: false, tracks: [] };
  }
  const handles = new Map(wanted.map((remote) => [remote.sfuId, remote.handle]));
  const tracks = wanted.map(({ sfuId, track }) => ({
    location: 'remote' as const,
    sessionId: sfuId,
    trackName: track.trackName,
    ...smallestLayer(track),
  }));
  const pull = (request: NewTracksRequest) => addTracks(session, request, [], handles);
  const answer = await pull(compact({ sessionDescription, tracks })).catch((error: unknown) => {
    // An SFU that does not take this offer may still make one itself.
    const isRefused = error instanceof Refusal && (error.status === 400 || error.status === 406);
    if (sessionDescription && isRefused) return pull({ tracks });
    throw error;
  });
  return { sessionId, ...answer };
}

/** How large a picture is shown is not known yet, and the first frame of a small one comes sooner. */
function smallestLayer({ rids }: LiveTrack): { simulcast?: Simulcast } {
  const preferredRid = rids.at(-1);
  if (preferredRid === undefined) return {};
  return { simulcast: { preferredRid, priorityOrdering: 'asciibetical', ridNotAvailable: 'asciibetical' } };
}

/** Sound before pictures, what is seen before what is muted, and no more than the offer has sections for. */
function choose(live: readonly LiveRemote[], offer: SessionDescription | undefined): LiveRemote[] {
  const free = offer ? receivingSections(offer.sdp) : { audio: TRACKS_PER_CALL_MAX, video: TRACKS_PER_CALL_MAX };
  const ordered = [...live].sort((a, b) => Number(a.track.muted) - Number(b.track.muted));
  const ofKind = (kind: 'audio' | 'video') => ordered.filter(({ track }) => SOURCE_KIND[track.source] === kind);
  const chosen = [...ofKind('audio').slice(0, free.audio), ...ofKind('video').slice(0, free.video)];
  return chosen.slice(0, TRACKS_PER_CALL_MAX);
}

async function orError<T>(media: Promise<T>): Promise<T | ErrorBody> {
  try {
    return await media;
  } catch (error) {
    if (error instanceof Refusal) return error.body;
    throw error;
  }
}
