import { parseInvitationRequest, parseRemoveRequest, type RoomTokenClaims } from '#protocol';
import { readConfig, type Config } from '../env.ts';
import { json, readJson } from '../http.ts';
import { allowed, refuse } from '../refusal.ts';
import { readClaims, type RoomRequest } from '../room/caller.ts';
import type { Administered, Command } from './administer.ts';
import { mintInvitation } from './mint-invitation.ts';

/** A backend: whoever has a room token that grants moderating. It takes no seat. */
interface Moderator {
  config: Config;
  claims: RoomTokenClaims;
  ask: (command: Command) => Promise<Administered>;
}

/** Refuses, without waking the room, every token that does not grant moderating. A member secret is no token. */
async function readModerator(request: RoomRequest, env: Env): Promise<Moderator> {
  const config = await readConfig(env);
  const claims = await readClaims(request, env, config);
  if (!claims.grants.moderate) throw refuse('forbidden', 'The token does not grant moderating');
  const room = env.ROOMS.getByName(claims.room);
  return { config, claims, ask: async (command) => allowed(await room.administer(claims, command)) };
}

/** `GET /rooms/{room}/participants`: who is in the room, and who waits. */
export async function listParticipants(request: RoomRequest, env: Env): Promise<Response> {
  const { ask } = await readModerator(request, env);
  return json((await ask({ type: 'list' })).list);
}

/** `POST /rooms/{room}/remove`: one participant, by `id` or `sub`, who does not return with a token of before. */
export async function removeParticipant(request: RoomRequest, env: Env): Promise<Response> {
  const { ask } = await readModerator(request, env);
  const { removed } = await ask({ type: 'remove', who: parseRemoveRequest(await readJson(request)) });
  return json({ removed });
}

/** `POST /rooms/{room}/end`: over for all. */
export async function endRoom(request: RoomRequest, env: Env): Promise<Response> {
  const { ask } = await readModerator(request, env);
  const { removed } = await ask({ type: 'end' });
  return json({ removed });
}

/** `POST /rooms/{room}/invitations`: a room token for somebody else, that grants no more than the caller's. */
export async function invite(request: RoomRequest, env: Env): Promise<Response> {
  const { config, claims, ask } = await readModerator(request, env);
  const invitation = parseInvitationRequest(await readJson(request));
  const { grants } = await ask({ type: 'invite', sub: invitation.sub });
  return json(await mintInvitation(config.keys, { ...claims, grants }, invitation, Math.floor(Date.now() / 1000)), 201);
}
