import { SOURCE_GRANT, SOURCE_KIND, Source, type LiveTrack, type RemoteTrackRequest } from '#protocol';
import { sendingAllowed, type PublishedTrack } from '../sfu/authorize.ts';
import type { Seat } from './seat.ts';

/** Sessions a seat may hold: both directions, and those they replace. */
const SESSIONS_MAX = 8;
const MIDS_PER_SESSION_MAX = 512;

/** A session at the SFU. Clients know its handle only. */
export interface Session {
  handle: string;
  sfuId: string;
  published: readonly PublishedTrack[];
  /** Sections in which tracks of others are received. */
  pulled: readonly string[];
}

/** A live track of somebody else, with the SFU's own id of its session. */
export interface LiveRemote {
  handle: string;
  sfuId: string;
  track: LiveTrack;
}

export type RemoteTrack = Pick<RemoteTrackRequest, 'sessionId' | 'trackName'>;

/** All sections of a session that are in use at the SFU. */
export function openMids(session: Session): string[] {
  const published = session.published.filter((track) => track.state === 'open').map((track) => track.mid);
  return [...published, ...session.pulled];
}

/**
 * Adds a session, or what was made in one, to a seat. A seat that takes too many loses its oldest, never the one its
 * live tracks belong to.
 */
export function withSession(seat: Seat, made: Session): { seat: Seat; retired: Session[] } {
  const known = new Map(seat.sessions.map((session) => [session.handle, session]));
  const { published = [], pulled = [] } = known.get(made.handle) ?? {};
  const byMid = new Map([...published, ...made.published].map((track) => [track.mid, track]));
  const received = new Set([...pulled, ...made.pulled]);
  for (const { mid } of made.published) received.delete(mid);
  known.set(made.handle, {
    ...made,
    published: [...byMid.values()].slice(-MIDS_PER_SESSION_MAX),
    pulled: [...received].slice(-MIDS_PER_SESSION_MAX),
  });
  const sessions = [...known.values()];
  const spare = sessions.filter(({ handle }) => handle !== seat.sessionId && handle !== made.handle);
  const retired = spare.slice(0, Math.max(0, sessions.length - SESSIONS_MAX));
  return { seat: { ...seat, sessions: sessions.filter((other) => !retired.includes(other)) }, retired };
}

/** Takes note that sections of a session were closed; live tracks among them are live no more. */
export function withoutMids(seat: Seat, handle: string, mids: ReadonlySet<string>): Seat {
  const close = (track: PublishedTrack) => (mids.has(track.mid) ? ({ ...track, state: 'closed' } as const) : track);
  const sessions = seat.sessions.map((session) => {
    const { published, pulled } = session;
    if (session.handle !== handle) return session;
    return { ...session, published: published.map(close), pulled: pulled.filter((mid) => !mids.has(mid)) };
  });
  const isLive = (track: LiveTrack) => findTrack(sessions, seat.sessionId, track.trackName) !== undefined;
  return { ...seat, sessions, tracks: seat.tracks.filter(isLive) };
}

/** An open track by its session's handle and its name. */
export function findTrack(
  sessions: readonly Session[],
  handle: string,
  trackName: string,
): (PublishedTrack & { sfuId: string }) | undefined {
  const session = sessions.find((session) => session.handle === handle);
  const track = session?.published.find((track) => track.trackName === trackName && track.state === 'open');
  return session && track && { ...track, sfuId: session.sfuId };
}

/** What somebody who cannot announce has published in a session: each track as the first source of its kind that is free. */
export function guessTracks({ sessions, grants }: Seat, handle: string): LiveTrack[] {
  const published = sessions.find((session) => session.handle === handle)?.published ?? [];
  const free = Object.values(Source).filter((source) => grants.publish.includes(SOURCE_GRANT[source]));
  return published.flatMap(({ trackName, kind, state }) => {
    const index = state === 'open' ? free.findIndex((source) => SOURCE_KIND[source] === kind) : -1;
    const [source] = index < 0 ? [] : free.splice(index, 1);
    return source ? [{ trackName, source, muted: false, rids: [] }] : [];
  });
}

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

/**
 * Sections of a session that its owner is not granted. What is announced as a source that is granted stays, and beside it
 * as many of a kind as an offer might still ask for.
 */
export function beyondGrants({ grants, sessionId, tracks }: Seat, { handle, published, pulled }: Session): string[] {
  const sources = new Map(handle === sessionId ? tracks.map(({ trackName, source }) => [trackName, source]) : []);
  const open = published.filter(({ state }) => state === 'open');
  const isGranted = ({ trackName }: PublishedTrack) => {
    const source = sources.get(trackName);
    return source && grants.publish.includes(SOURCE_GRANT[source]);
  };
  const ranked = [...open.filter(isGranted), ...open.filter(({ trackName }) => !sources.has(trackName))];
  const allowed = sendingAllowed(grants);
  const kept = (['audio', 'video'] as const).flatMap((kind) =>
    ranked.filter((track) => track.kind === kind).slice(0, allowed[kind]),
  );
  const sent = open.filter((track) => !kept.includes(track)).map(({ mid }) => mid);
  return grants.subscribe ? sent : [...sent, ...pulled];
}
