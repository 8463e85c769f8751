import { env } from 'cloudflare:workers';
import { runInDurableObject } from 'cloudflare:test';
import { RoomStore } from '../room/room-store.ts';
import type { RoomState } from '../room/room-state.ts';

/** A room as it was saved; undefined where nothing is. */
export function storedState(name: string): Promise<RoomState | undefined> {
  return runInDurableObject(env.ROOMS.getByName(name), (_object, { storage }) => new RoomStore(storage.sql).load());
}
