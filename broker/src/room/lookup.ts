import type { LiveTrack, RemoteTrackRequest, RoomTokenClaims } from '#protocol';
import { findTrack, type Seat } from './seat.ts';

/** By what somebody calls: the secret of a seat, or a room token, whose `sub` has a seat or may take one. */
export type Bearer = { type: 'member'; secretHash: string } | { type: 'token'; claims: RoomTokenClaims };

/** A live track of somebody else, with the SFU's own id of its session. */
export interface LiveRemote {
  handle: string;
  sfuId: string;
  track: LiveTrack;
}

export type RemoteTrack = Pick<RemoteTrackRequest, 'sessionId' | 'trackName'>;

/**
 * What somebody may receive at once of the others. Not of who is away: it may be silent, and the SFU waits eight seconds
 * before it says so.
 */
export function liveFor(seats: readonly Seat[], self: Seat): LiveRemote[] {
  if (!self.grants.subscribe) return [];
  const others = seats.filter(({ id, socket }) => id !== self.id && socket.phase !== 'lost');
  return others.flatMap(({ sessions, sessionId: handle, tracks }) =>
    tracks.flatMap((track) => {
      const found = findTrack(sessions, handle, track.trackName);
      return found ? [{ handle, sfuId: found.sfuId, track }] : [];
    }),
  );
}

/** The SFU's sessions behind tracks, by position; undefined where a track is none of these seats'. */
export function locate(seats: readonly Seat[], remotes: readonly RemoteTrack[]): (string | undefined)[] {
  const sessions = seats.flatMap((seat) => seat.sessions);
  return remotes.map(({ sessionId, trackName }) => findTrack(sessions, sessionId, trackName)?.sfuId);
}

/** Handles of the sessions of these seats among these ids of the SFU. */
export function handlesOf(seats: readonly Seat[], sfuIds: readonly string[]): Map<string, string> {
  const sessions = seats.flatMap((seat) => seat.sessions);
  return new Map(sessions.filter(({ sfuId }) => sfuIds.includes(sfuId)).map(({ sfuId, handle }) => [sfuId, handle]));
}
