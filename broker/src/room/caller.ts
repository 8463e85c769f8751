import { isId, type RoomTokenClaims } from '#protocol';
import { readConfig, type Config, type OptionalBindings } from '../env.ts';
import { readJson } from '../http.ts';
import { log } from '../log.ts';
import { isAllowedOrigin } from '../origins.ts';
import { refuse } from '../refusal.ts';
import { hashSecret, isSecret } from '../secret.ts';
import { verifyRoomToken } from '../token/verify.ts';
import type { RoomObject } from './room-object.ts';
import type { Bearer } from './room-state.ts';

/** A request to a path under `/rooms/{room}`, as the router hands it on. */
export type RoomRequest = Request & { params: Record<string, string> };

/** Who calls, before the room was asked whether it knows them. */
export interface Caller {
  config: Config;
  room: DurableObjectStub<RoomObject>;
  bearer: Bearer;
}

/**
 * A member with the secret of a seat, or a client of the SFU's API with a room token. Refuses, without waking the room,
 * what can be neither.
 */
export async function readCaller(request: RoomRequest, env: Env): Promise<Caller> {
  const config = await readConfig(env);
  const room = env.ROOMS.getByName(readRoomName(request));
  const bearer = readBearer(request, config);
  const secret = await bearer;
  if (isSecret(secret)) return { config, room, bearer: { type: 'member', secretHash: await hashSecret(secret) } };
  return { config, room, bearer: { type: 'token', claims: await readClaims(request, env, config, bearer) } };
}

/** The room token of the request. The reason of a refusal goes to the log; the caller is told nothing but `unauthorized`. */
export async function readClaims(
  request: RoomRequest,
  env: Env,
  config: Config,
  bearer = readBearer(request, config),
): Promise<RoomTokenClaims> {
  const token = await bearer;
  const room = readRoomName(request);
  const refused = (reason: string) => {
    log('token_refused', { room: env.ROOMS.idFromName(room).toString().slice(0, 16), reason });
    return refuse('unauthorized');
  };
  if (token === undefined) throw refused('missing');
  const result = await verifyRoomToken(token, config.keys, Math.floor(Date.now() / 1000));
  if (!result.ok) throw refused(result.reason);
  if (result.claims.room !== room) throw refused('other_room');
  return result.claims;
}

/**
 * Asks the platform's rate limiter, where the owner has one. It counts for each place by itself and wakes no room; the
 * room counts in any case.
 */
export async function limitVisits(env: Env & OptionalBindings, bearer: Bearer): Promise<void> {
  const key = bearer.type === 'member' ? bearer.secretHash : `${bearer.claims.room}/${bearer.claims.sub}`;
  const { success } = (await env.RATE_LIMITER?.limit({ key })) ?? { success: true };
  if (!success) throw refuse('rate_limited');
}

export function readRoomName(request: RoomRequest): string {
  const name = request.params['room'];
  if (!isId(name)) throw refuse('not_found');
  return name;
}

/**
 * From the header, or, where there is none, from the body of a POST, which loses it: such a call needs no preflight, and so
 * it is here that pages of other origins are turned away.
 */
async function readBearer(request: Request, { origins }: Config): Promise<string | undefined> {
  const header = request.headers.get('authorization');
  if (header !== null || request.method !== 'POST') return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  const body = Object(await readJson(request)) as { bearer?: unknown };
  const { bearer } = body;
  delete body.bearer;
  if (typeof bearer !== 'string') return undefined;
  if (!isAllowedOrigin(origins, request.headers.get('origin'))) throw refuse('forbidden');
  return bearer;
}
