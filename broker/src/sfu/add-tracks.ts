import type { NewTracksRequest, TracksResponse } from '#protocol';
import type { Session } from '../room/sessions.ts';
import { madeDespite } from './abandoned.ts';
import { settlePublished, type PublishedTrack } from './authorize.ts';
import type { Handles, SfuClient } from './sfu-client.ts';

/** A session at the SFU. `keep` has the room remember what is made in it. */
export interface OpenSession {
  sfu: SfuClient;
  sfuId: string;
  keep: (made: Partial<Session>) => Promise<void> | void;
}

/**
 * Adds tracks to a session: those that were allowed to be `published`, or, where there are none, tracks of others. What a
 * call may have made though no answer came is kept as well, to be closed with all else.
 */
export async function addTracks(
  { sfu, sfuId, keep }: OpenSession,
  request: NewTracksRequest,
  published: readonly PublishedTrack[],
  handles?: Handles,
): Promise<TracksResponse> {
  const isPull = published.length === 0;
  try {
    const answer = await sfu.newTracks(sfuId, request, handles);
    if (isPull) await keep({ pulled: answer.tracks.flatMap((track) => track.mid || []) });
    else await keep({ published: settlePublished(published, answer.tracks) });
    return answer;
  } catch (error) {
    const pulled = madeDespite(error, isPull ? undefined : published.map(({ mid }) => mid));
    if (pulled.length > 0) await keep({ pulled });
    throw error;
  }
}
