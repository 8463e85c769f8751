import { TRACKS_PER_CALL_MAX, type TracksResponse } from '#protocol';
import { Refusal } from '../refusal.ts';
import type { SfuClient } from './sfu-client.ts';

/** Stands in a list of mids for sections that a session may have, and of which nobody knows the mids. */
export const UNKNOWN_MIDS = '*';
/** After these nobody knows what the SFU has made of a call. */
const UNSETTLED = new Set(['sfu_timeout', 'sfu_unreachable', 'sfu_error']);

/** An item with this code was closed before. */
const ALREADY_CLOSED = 'close_track_error';

/**
 * Closes sections without negotiation. Returns the mids that are closed now; throws where the SFU was not reached or
 * refused, and all have to be tried again.
 */
export async function closeByForce(sfu: SfuClient, sfuId: string, mids: readonly string[]): Promise<string[]> {
  try {
    const listed = mids.includes(UNKNOWN_MIDS) ? ((await listMids(sfu, sfuId)) ?? []) : [];
    const known = [...new Set([...mids, ...listed])].filter((mid) => mid !== UNKNOWN_MIDS);
    const named = known.slice(0, TRACKS_PER_CALL_MAX).map((mid) => ({ mid }));
    if (named.length === 0) return [...mids];
    const closed = closedMids(named, await sfu.closeTracks(sfuId, { tracks: named, force: true }));
    return closed.length === known.length ? [...closed, UNKNOWN_MIDS] : closed;
  } catch (error) {
    // The session is gone, and its tracks with it.
    if (error instanceof Refusal && error.status === 410) return [...mids];
    throw error;
  }
}

/** Which of the sections asked for are closed now. An item that failed without its mid may be any of them. */
export function closedMids(asked: readonly { mid: string }[], { tracks }: TracksResponse): string[] {
  const failed = tracks.filter(({ errorCode }) => errorCode !== undefined && errorCode !== ALREADY_CLOSED);
  const isOpen = (mid: string) => failed.some((track) => track.mid === mid || track.mid === '');
  return asked.flatMap(({ mid }) => (isOpen(mid) ? [] : [mid]));
}

/** The sections that a call has made though it failed, as far as anybody knows: those it asked for by their mids. */
export function madeDespite(error: unknown, mids: readonly string[] = [UNKNOWN_MIDS]): string[] {
  return error instanceof Refusal && UNSETTLED.has(error.body.errorCode) ? [...mids] : [];
}

/** Whether the SFU has a connection in this session. An SFU that fails says nothing about that. */
export function isAlive(sfu: SfuClient, sfuId: string): Promise<boolean> {
  return listMids(sfu, sfuId)
    .then((mids) => mids !== undefined)
    .catch(() => true);
}

/** Undefined where the SFU has no connection in this session: it is over, or was never connected and ends by itself. */
async function listMids(sfu: SfuClient, sfuId: string): Promise<string[] | undefined> {
  try {
    return (await sfu.getSession(sfuId)).map(({ mid }) => mid);
  } catch (error) {
    if (error instanceof Refusal && (error.status === 410 || error.status === 425)) return undefined;
    throw error;
  }
}
