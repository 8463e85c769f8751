import { parsePrepareRequest, type PrepareResponse, type SessionDescription } from '#protocol';
import { readConfig } from '../env.ts';
import { json, readJson } from '../http.ts';
import { allowed } from '../refusal.ts';
import { checkReceive } from '../sfu/authorize.ts';
import { getIceServers } from '../sfu/ice-servers.ts';
import { sealSession } from '../sfu/sealed-session.ts';
import { SfuClient } from '../sfu/sfu-client.ts';
import { limitVisits, readClaims, type RoomRequest } from './caller.ts';

/**
 * `POST /rooms/{room}/prepare`: sessions that are connected when their owner joins, and carry nothing until then. What is
 * not used ends with the client's connection; there is nothing to close.
 */
export async function prepare(request: RoomRequest, env: Env): Promise<Response> {
  const config = await readConfig(env);
  const claims = await readClaims(request, env, config);
  await limitVisits(env, { type: 'token', claims });
  const { offers } = parsePrepareRequest(await readJson(request));
  for (const { sdp } of offers) allowed(checkReceive(sdp, []));
  allowed(await env.ROOMS.getByName(claims.room).mayJoin(claims));

  const sfu = new SfuClient(config.sfu);
  const connect = async (offer: SessionDescription) => {
    const sfuId = await sfu.newSession();
    const sessionDescription = await sfu.connect(sfuId, offer);
    return { prepared: await sealSession(sfuId, claims, config.sfu, Date.now()), sessionDescription };
  };
  const [sessions, iceServers] = await Promise.all([Promise.all(offers.map(connect)), getIceServers(config)]);
  return json({ sessions, iceServers } satisfies PrepareResponse);
}
