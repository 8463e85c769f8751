import { parseArray, parseIceServer, type IceServer } from '#protocol';
import type { Config } from '../env.ts';
import { json } from '../http.ts';
import { log } from '../log.ts';
import { allowed } from '../refusal.ts';
import { limitVisits, readCaller, type RoomRequest } from '../room/caller.ts';
import { SfuClient } from './sfu-client.ts';

/** As long as a long meeting. What runs over TURN ends soon after. */
const TURN_LIFETIME_SECONDS = 4 * 60 * 60;
/** Browsers refuse this port, and waste time on it. */
const PORT_53 = /:53(?:\?|$)/;

/** `/rooms/{room}/generate-ice-servers`: for clients of the SFU's API, and for a call that outlives its credentials. */
export async function generateIceServers(request: RoomRequest, env: Env): Promise<Response> {
  const { config, room, bearer } = await readCaller(request, env);
  await limitVisits(env, bearer);
  allowed(await room.enter(bearer));
  return json({ iceServers: await getIceServers(config) });
}

/** TURN credentials of one's own, where TURN is set up; what works without, where not, or where it fails. */
export async function getIceServers({ turn, iceServers }: Config): Promise<IceServer[]> {
  if (!turn) return iceServers;
  try {
    const servers = await new SfuClient(turn).generateIceServers(TURN_LIFETIME_SECONDS);
    return parseArray(parseIceServer, 16)(servers, 'iceServers').flatMap((server) => {
      const urls = server.urls.filter((url) => !PORT_53.test(url));
      return urls.length > 0 ? [{ ...server, urls }] : [];
    });
  } catch (error) {
    log('turn_failed', { reason: error instanceof Error ? error.message : 'unknown' });
    return iceServers;
  }
}
