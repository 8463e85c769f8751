import {
  GRACE_MS,
  SOURCE_GRANT,
  SOURCE_KIND,
  Source,
  TICKET_LIFETIME_MS,
  compact,
  type Grants,
  type LeaveReason,
  type LiveTrack,
  type Participant,
  type Role,
  type RoomTokenClaims,
} from '#protocol';
import type { PublishedTrack } from '../sfu/authorize.ts';

const TICKETS_PER_SEAT_MAX = 4;
/** Sessions a seat may hold: both directions, and those they replace. */
const SESSIONS_MAX = 8;
const MIDS_PER_SESSION_MAX = 512;

/** Somebody's place in the room: the identity behind everything a member says. Replaced whole, never changed. */
export interface Seat {
  /** The participant id that everybody sees. */
  id: string;
  /** The identity in the token; nobody sees it. */
  sub: string;
  name: string;
  role: Role;
  grants: Grants;
  joinedAt: number;
  /** Of the token it was taken with, in seconds. */
  iat: number;
  secretHash: string;
  /** Grows with every join; work begun for an older one is void. */
  generation: number;
  socket: SeatSocket;
  tickets: readonly { hash: string; expiresAt: number }[];
  sessions: readonly Session[];
  /** Handle of the session the live tracks belong to; empty before anything is announced. */
  sessionId: string;
  tracks: readonly LiveTrack[];
  /** When it was raised; absent while it is down. */
  hand?: number;
  /** `seq` of the last chat message that is not for this seat to read. */
  chatFrom: number;
  /** What a moderator wants muted, until anything is announced. */
  asked: readonly Source[];
  /** A moderator has changed the grants since the join. */
  isRegranted: boolean;
  /** In the waiting room: a moderator has said yes. */
  admitted?: true;
}

/** Where the socket of a seat is. A seat without one is kept until `until`, milliseconds since the epoch. */
export type SeatSocket =
  /** Joined, and not connected yet. */
  | { phase: 'expected'; until: number }
  /** A client of the SFU's API: it has no socket, and the room knows of it by its calls. */
  | { phase: 'calling'; until: number; calledAt: number }
  /** Greeted after its `hello`: what is said to all before that comes with the answer, and not ahead of it. */
  | { phase: 'open'; connectionId: string; strikes: number; isGreeted?: true }
  | { phase: 'lost'; until: number; reason: LeaveReason };

/** A session at the SFU. Clients know its handle only. */
export interface Session {
  handle: string;
  sfuId: string;
  published: readonly PublishedTrack[];
  /** Sections in which tracks of others are received. */
  pulled: readonly string[];
}

/** A seat that waits for its socket, before anything was made for it. */
export function newSeat(id: string, { sub, iat, name = '', role, grants }: RoomTokenClaims, now: number): Seat {
  const identity = { id, sub, name, role, grants, iat, joinedAt: now, secretHash: '', generation: 1 };
  const media = { sessions: [], sessionId: '', tracks: [], asked: [], isRegranted: false };
  return { ...identity, ...media, socket: { phase: 'expected', until: now + GRACE_MS }, tickets: [], chatFrom: 0 };
}

/** Hears what is said to all. */
export function isListening({ socket }: Seat): boolean {
  return socket.phase === 'open' && socket.isGreeted === true;
}

/** What the room tells everybody about a seat. */
export function toParticipant({ id, name, role, joinedAt, socket, hand, sessionId, tracks }: Seat): Participant {
  const presence = socket.phase === 'lost' ? 'away' : 'here';
  return compact({ id, name, role, joinedAt, presence, hand, sessionId, tracks });
}

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

/** A seat without a socket is kept a while longer after each call. */
export function heard(seat: Seat, now: number): Seat {
  const { phase } = seat.socket;
  if (phase === 'expected') return { ...seat, socket: { phase, until: now + GRACE_MS } };
  if (phase === 'calling') return { ...seat, socket: { phase, until: now + GRACE_MS, calledAt: now } };
  return seat;
}

/** Adds a right to open one socket; a ticket given again counts from now. */
export function withTicket(seat: Seat, hash: string, now: number): Seat {
  const others = seat.tickets.filter((ticket) => ticket.hash !== hash && ticket.expiresAt > now);
  const tickets = [...others, { hash, expiresAt: now + TICKET_LIFETIME_MS }].slice(-TICKETS_PER_SEAT_MAX);
  return { ...seat, tickets };
}
