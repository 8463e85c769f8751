import { Router } from 'itty-router';
import { readConfig } from './env.ts';
import { errorResponse, json, preflight, withCors } from './http.ts';
import { refuse } from './refusal.ts';
import type { RoomRequest } from './room/caller.ts';
import { join } from './room/join.ts';
import { leave, newTicket, openSocket } from './room/membership.ts';
import { prepare } from './room/prepare.ts';
import { endRoom, invite, listParticipants, removeParticipant } from './server-api/server-api.ts';
import { generateIceServers } from './sfu/ice-servers.ts';
import { closeTracks, getSession, newSession, newTracks, renegotiate, updateTracks } from './sfu/proxy.ts';

export { RoomObject } from './room/room-object.ts';

async function health(_request: RoomRequest, env: Env): Promise<Response> {
  await readConfig(env);
  return json({ status: 'ok' });
}

// Router, not AutoRouter: that one hands on a Proxy of the request, which the runtime does not take for a request.
const router = Router<RoomRequest, [Env, ExecutionContext], Response>({
  before: [preflight],
  catch: errorResponse,
  finally: [(response, request, env) => withCors(response ?? errorResponse(refuse('not_found')), request, env)],
});

router
  .get('/health', health)
  .post('/rooms/:room/prepare', prepare)
  .post('/rooms/:room/join', join)
  .post('/rooms/:room/ticket', newTicket)
  .get('/rooms/:room/socket', openSocket)
  .post('/rooms/:room/leave', leave)
  .get('/rooms/:room/participants', listParticipants)
  .post('/rooms/:room/remove', removeParticipant)
  .post('/rooms/:room/end', endRoom)
  .post('/rooms/:room/invitations', invite)
  .get('/rooms/:room/generate-ice-servers', generateIceServers)
  .post('/rooms/:room/generate-ice-servers', generateIceServers)
  .post('/rooms/:room/sessions/new', newSession)
  .get('/rooms/:room/sessions/:session', getSession)
  .post('/rooms/:room/sessions/:session/tracks/new', newTracks)
  .put('/rooms/:room/sessions/:session/tracks/update', updateTracks)
  .put('/rooms/:room/sessions/:session/tracks/close', closeTracks)
  .put('/rooms/:room/sessions/:session/renegotiate', renegotiate);

for (const [, , , path = ''] of router.routes.slice())
  router.all(path, () => {
    throw refuse('method_not_allowed');
  });

export default {
  fetch: (request, env, context) => {
    const answer = router.fetch(request, env, context);
    // A caller who hangs up does not end what was begun at the SFU.
    context.waitUntil(answer);
    return answer;
  },
} satisfies ExportedHandler<Env>;
