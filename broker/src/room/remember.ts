import { log } from '../log.ts';
import { closeByForce } from '../sfu/abandoned.ts';
import type { SfuClient } from '../sfu/sfu-client.ts';
import type { RoomObject } from './room-object.ts';
import type { SeatRef } from './room-state.ts';
import { openMids, type Session } from './sessions.ts';

const TRIES_MAX = 5;
const WAIT_FIRST_MS = 100;

/** Where what was made is told of, and where it is closed. */
interface Ends {
  env: Env;
  room: DurableObjectStub<RoomObject>;
  sfu: SfuClient;
}

/**
 * Has the room remember what calls to the SFU have made for a seat; false where the seat has moved on. A room that restarts
 * meanwhile is told again, which changes nothing where it knew. What no room takes note of is closed here.
 */
export async function remember(
  { env, room, sfu }: Ends,
  ref: SeatRef,
  made: readonly Session[],
  ticketHash?: string,
): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      // After a failure a stub may stay broken.
      return await env.ROOMS.get(room.id).commit(ref, made, ticketHash);
    } catch (error) {
      const isOverloaded = Object(error) === error && (error as { overloaded?: unknown }).overloaded === true;
      if (tries >= TRIES_MAX || isOverloaded) {
        await Promise.all(made.map((session) => close(sfu, session)));
        throw error;
      }
      await scheduler.wait(WAIT_FIRST_MS * 2 ** (tries - 1));
    }
  }
}

async function close(sfu: SfuClient, session: Session): Promise<void> {
  try {
    await closeByForce(sfu, session.sfuId, openMids(session));
  } catch (error) {
    log('close_failed', { reason: error instanceof Error ? error.message : 'unknown' });
  }
}
