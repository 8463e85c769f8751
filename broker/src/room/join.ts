import {
  PROTOCOL_OLDEST,
  PROTOCOL_VERSION,
  SOURCE_KIND,
  TRACKS_PER_CALL_MAX,
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
  type TracksResponse,
} from '#protocol';
import { readConfig } from '../env.ts';
import { json, readJson } from '../http.ts';
import { Refusal, allowed, refuse } from '../refusal.ts';
import { hashSecret, newHandle, newSecret } from '../secret.ts';
import { madeDespite } from '../sfu/abandoned.ts';
import { checkPublish, checkReceive, receivingSections, settlePublished } from '../sfu/authorize.ts';
import { getIceServers } from '../sfu/ice-servers.ts';
import { unsealSession } from '../sfu/sealed-session.ts';
import { SfuClient } from '../sfu/sfu-client.ts';
import { limitVisits, readClaims, type RoomRequest } from './caller.ts';
import type { LiveRemote, Session } from './sessions.ts';

/** One of the two media sessions asked for; `session` is what the room has to remember of it. */
interface Media {
  answer: JoinMedia;
  session?: Session;
}

/** The session that was made ready, or a new one. */
type OpenSession = (media: { prepared?: string }) => Promise<string>;

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
  const openSession = async ({ prepared }: { prepared?: string }) => {
    if (prepared === undefined) return sfu.newSession();
    const sfuId = await unsealSession(prepared, claims, config.sfu, Date.now());
    if (sfuId === undefined) throw refuse('session_error');
    return sfuId;
  };
  const [publish, receive, iceServers] = await Promise.all([
    body.publish && orError(startPublishing(sfu, openSession, body.publish, joined.grants)),
    body.receive && orError(startReceiving(sfu, openSession, body.receive, joined.live, joined.grants)),
    getIceServers(config),
  ]);
  const sessions = [publish, receive].flatMap((media) => media?.session ?? []);
  if (sessions.length > 0 && !(await room.commit(joined.ref, sessions, ticketHash)))
    throw refuse('unauthorized', 'The seat was taken from elsewhere meanwhile');

  return json({
    ...answer,
    iceServers,
    ...(publish && { publish: publish.answer }),
    ...(receive && { receive: receive.answer }),
  } satisfies JoinResponse);
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
  sfu: SfuClient,
  openSession: OpenSession,
  publish: NonNullable<JoinRequest['publish']>,
  grants: Grants,
): Promise<Media> {
  const { sessionDescription, tracks } = publish;
  const { published } = allowed(checkPublish(sessionDescription.sdp, tracks, grants, []));
  const sfuId = await openSession(publish);
  try {
    const answer = await sfu.newTracks(sfuId, { sessionDescription, tracks });
    return remember(sfuId, answer, { published: settlePublished(published, answer.tracks), pulled: [] });
  } catch (error) {
    return unsettled(
      sfuId,
      error,
      tracks.map(({ mid }) => mid),
    );
  }
}

async function startReceiving(
  sfu: SfuClient,
  openSession: OpenSession,
  receive: NonNullable<JoinRequest['receive']>,
  live: readonly LiveRemote[],
  grants: Grants,
): Promise<Media | undefined> {
  const { sessionDescription } = receive;
  if (!grants.subscribe) throw refuse('forbidden', 'The token does not grant subscribing');
  if (sessionDescription) allowed(checkReceive(sessionDescription.sdp, []));
  const wanted = choose(live, sessionDescription);
  if (wanted.length === 0 && receive.prepared === undefined) return undefined;
  const sfuId = await openSession(receive);
  const nothing = { requiresImmediateRenegotiation: false, tracks: [] };
  if (wanted.length === 0) return remember(sfuId, nothing, { published: [], pulled: [] });
  const handles = new Map(wanted.map((remote) => [remote.sfuId, remote.handle]));
  const tracks = wanted.map(({ sfuId, track }) => ({
    location: 'remote' as const,
    sessionId: sfuId,
    trackName: track.trackName,
    ...smallestLayer(track),
  }));
  const pull = (request: NewTracksRequest) => sfu.newTracks(sfuId, request, handles);
  try {
    const answer = sessionDescription
      ? await pull({ sessionDescription, tracks }).catch((error: unknown) => {
          // An SFU that does not take this offer may still make one itself.
          if (error instanceof Refusal && (error.status === 400 || error.status === 406)) return pull({ tracks });
          throw error;
        })
      : await pull({ tracks });
    return remember(sfuId, answer, { published: [], pulled: answer.tracks.flatMap((track) => track.mid || []) });
  } catch (error) {
    return unsettled(sfuId, error);
  }
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

/** A call that failed, and may have made something all the same: it is closed with all else. */
function unsettled(sfuId: string, error: unknown, mids?: readonly string[]): Media {
  if (!(error instanceof Refusal)) throw error;
  const pulled = madeDespite(error, mids);
  return {
    answer: error.body,
    ...(pulled.length > 0 && { session: { handle: newHandle(), sfuId, published: [], pulled } }),
  };
}

function remember(sfuId: string, answer: TracksResponse, made: Pick<Session, 'published' | 'pulled'>): Media {
  const handle = newHandle();
  return { answer: { sessionId: handle, ...answer }, session: { handle, sfuId, ...made } };
}

async function orError<T extends Media | undefined>(
  media: Promise<T>,
): Promise<T | { answer: ErrorBody; session?: never }> {
  try {
    return await media;
  } catch (error) {
    if (error instanceof Refusal) return { answer: error.body };
    throw error;
  }
}
