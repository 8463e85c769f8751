import { Refusal } from '../refusal.ts';
import type { SfuClient } from './sfu-client.ts';

/** An item with this code was closed before. */
const ALREADY_CLOSED = 'close_track_error';

/**
 * Closes sections without negotiation. Returns the mids that are closed now; throws where the SFU was not reached or
 * refused, and all have to be tried again.
 */
export async function closeByForce(sfu: SfuClient, sfuId: string, mids: readonly string[]): Promise<string[]> {
  try {
    const { tracks } = await sfu.closeTracks(sfuId, { tracks: mids.map((mid) => ({ mid })), force: true });
    const failed = tracks.filter((track) => track.errorCode !== undefined && track.errorCode !== ALREADY_CLOSED);
    return mids.filter((mid) => !failed.some((track) => track.mid === mid || track.mid === ''));
  } catch (error) {
    // The session is gone, and its tracks with it.
    if (error instanceof Refusal && error.status === 410) return [...mids];
    throw error;
  }
}

/** Whether the SFU has a connection in this session. An SFU that fails says nothing about that. */
export async function isAlive(sfu: SfuClient, sfuId: string): Promise<boolean> {
  try {
    await sfu.getSession(sfuId);
    return true;
  } catch (error) {
    // 425: it was never connected.
    return !(error instanceof Refusal && (error.status === 410 || error.status === 425));
  }
}
