import { SOCKET_PROTOCOL, TICKET_PREFIX, parseBoolean, parseRecord } from '#protocol';
import { readConfig } from '../env.ts';
import { json, readJson } from '../http.ts';
import { isAllowedOrigin } from '../origins.ts';
import { allowed, refuse } from '../refusal.ts';
import { hashSecret, isSecret, newSecret } from '../secret.ts';
import { readCaller, readRoomName, type RoomRequest } from './caller.ts';
import { TICKET_HASH_HEADER } from './room-object.ts';

/** `POST /rooms/{room}/ticket`: a right to open one socket. */
export async function newTicket(request: RoomRequest, env: Env): Promise<Response> {
  const { room, bearer } = await readCaller(request, env);
  const ticket = newSecret();
  allowed(await room.addTicket(bearer, await hashSecret(ticket)));
  return json({ ticket });
}

/** `POST /rooms/{room}/leave`: without a body the seat is given up at once. */
export async function leave(request: RoomRequest, env: Env): Promise<Response> {
  const { room, bearer } = await readCaller(request, env);
  const body = await readJson(request);
  const mayReturn = body !== undefined && parseBoolean(parseRecord(body, 'body')['mayReturn'], 'mayReturn');
  allowed(await room.leave(bearer, mayReturn));
  return json({});
}

/** `GET /rooms/{room}/socket`. The ticket is the authority; the origin is looked at because browsers send it honestly. */
export async function openSocket(request: RoomRequest, env: Env): Promise<Response> {
  const { origins } = await readConfig(env);
  const name = readRoomName(request);
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket')
    throw refuse('decoding_error', 'This path takes WebSocket upgrades only');
  if (!isAllowedOrigin(origins, request.headers.get('origin'))) throw refuse('forbidden');

  const offered = (request.headers.get('sec-websocket-protocol') ?? '').split(',').map((entry) => entry.trim());
  const ticket = offered.find((entry) => entry.startsWith(TICKET_PREFIX))?.slice(TICKET_PREFIX.length);
  if (!offered.includes(SOCKET_PROTOCOL) || !isSecret(ticket)) throw refuse('unauthorized');
  const headers = { upgrade: 'websocket', [TICKET_HASH_HEADER]: await hashSecret(ticket) };
  const answer = await env.ROOMS.getByName(name).fetch('https://room/socket', { headers });
  if (answer.status === 101) return answer;
  // An answer that is not read keeps the room awake.
  await answer.body?.cancel();
  throw refuse('unauthorized');
}
