import { GRACE_MS, TICKET_LIFETIME_MS, compact, type Grants, type LeaveReason, type Participant } from '#protocol';
import type { RoomTokenClaims, Source } from '#protocol';
import type { Session } from './sessions.ts';

const TICKETS_PER_SEAT_MAX = 4;

/** Somebody's place in the room: the identity behind everything a member says. Replaced whole, never changed. */
export interface Seat extends Omit<Participant, 'presence'> {
  /** The identity in the token; nobody sees it. */
  sub: string;
  grants: Grants;
  /** Of the token it was taken with, in seconds. */
  iat: number;
  secretHash: string;
  /** Grows with every join; work begun for an older one is void. */
  generation: number;
  socket: SeatSocket;
  tickets: readonly { hash: string; expiresAt: number }[];
  sessions: readonly Session[];
  /** `seq` of the last chat message that is not for this seat to read. */
  chatFrom: number;
  /** What a moderator wants muted, until anything is announced. */
  asked: readonly Source[];
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

/** A seat that waits for its socket, before anything was made for it. */
export function newSeat(id: string, { sub, iat, name = '', role, grants }: RoomTokenClaims, now: number): Seat {
  const identity = { id, sub, name, role, grants, iat, joinedAt: now, secretHash: '', generation: 1 };
  const media = { sessions: [], sessionId: '', tracks: [], asked: [] };
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
