import { parseInvitationRequest, parseRemoveRequest } from '#protocol';
import { readConfig } from '../env.ts';
import { json, readJson } from '../http.ts';
import { allowed, refuse } from '../refusal.ts';
import { readClaims, type RoomRequest } from '../room/caller.ts';
import type { Command } from './administer.ts';
import { mintInvitation } from './mint-invitation.ts';

/** `GET /rooms/{room}/participants`: who is in the room, and who waits. */
export async function listParticipants(request: RoomRequest, env: Env): Promise<Response> {
  return json((await ask(request, env, () => ({ type: 'list' }))).answer);
}

/** `POST /rooms/{room}/remove`: one participant, by `id` or `sub`, who does not return with a token of before. */
export async function removeParticipant(request: RoomRequest, env: Env): Promise<Response> {
  return json((await ask(request, env, (body) => ({ type: 'remove', who: parseRemoveRequest(body) }))).answer);
}

/** `POST /rooms/{room}/end`: over for all. */
export async function endRoom(request: RoomRequest, env: Env): Promise<Response> {
  return json((await ask(request, env, () => ({ type: 'end' }))).answer);
}

/** `POST /rooms/{room}/invitations`: a room token for somebody else, that grants no more than the caller's. */
export async function invite(request: RoomRequest, env: Env): Promise<Response> {
  const read = (body: unknown) => ({ type: 'invite' as const, invitation: parseInvitationRequest(body) });
  const { config, command, inviter } = await ask(request, env, read);
  return json(await mintInvitation(config.keys, inviter, command.invitation, Math.floor(Date.now() / 1000)), 201);
}

/**
 * Has the room do what a backend wants, which is whoever has a room token that grants moderating. Refuses, without waking
 * the room, every other token; a member secret is none.
 */
async function ask<T extends Command>(request: RoomRequest, env: Env, read: (body: unknown) => T) {
  const config = await readConfig(env);
  const claims = await readClaims(request, env, config);
  if (!claims.grants.moderate) throw refuse('forbidden', 'The token does not grant moderating');
  const command = read(await readJson(request));
  const { answer, grants } = allowed(await env.ROOMS.getByName(claims.room).administer(claims, command));
  return { config, command, answer, inviter: { ...claims, grants } };
}
