import { isId } from '#protocol';
import { readConfig, type Config } from '../env.ts';
import { refuse } from '../refusal.ts';
import { hashSecret, isSecret } from '../secret.ts';
import type { RoomObject } from './room-object.ts';

/** A request to a path under `/rooms/{room}`, as the router hands it on. */
export type RoomRequest = Request & { params: Record<string, string> };

/** Who calls, before the room was asked whether it knows them. */
export interface Caller {
  config: Config;
  room: DurableObjectStub<RoomObject>;
  secretHash: string;
}

/** Every call but `join` is made with a member secret. Refuses, without waking the room, what cannot be one. */
export async function readCaller(request: RoomRequest, env: Env): Promise<Caller> {
  const config = await readConfig(env);
  const name = readRoomName(request);
  const secret = readBearer(request);
  if (!isSecret(secret)) throw refuse('unauthorized');
  return { config, room: env.ROOMS.getByName(name), secretHash: await hashSecret(secret) };
}

export function readRoomName(request: RoomRequest): string {
  const name = request.params['room'];
  if (!isId(name)) throw refuse('not_found');
  return name;
}

export function readBearer(request: Request): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}
