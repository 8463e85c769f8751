import {
  CloseCode,
  GRACE_MS,
  LeaveReason,
  PARTICIPANTS_DEFAULT_MAX,
  WAITING_MAX,
  compact,
  type Grants,
  type Participant,
  type RoomTokenClaims,
  type RosterSnapshot,
} from '#protocol';
import { deny, type Denied } from '../refusal.ts';
import { firstReadable } from './conversation.ts';
import { Presence } from './presence.ts';
import { Limits } from './rate-limit.ts';
import type { Bearer, RoomState, SeatRef } from './room-state.ts';
import { heard, newSeat, toParticipant, withTicket, type Seat } from './seat.ts';
import { beyondGrants, guessTracks, liveFor, locate, withSession, withoutMids } from './sessions.ts';
import type { LiveRemote, RemoteTrack, Session } from './sessions.ts';

export interface JoinInput {
  claims: RoomTokenClaims;
  name: string;
  secretHash: string;
  ticketHash: string;
  /** Hash of the secret of the seat to return to. */
  resumeHash?: string;
}

export type Seated = { ok: true; ref: SeatRef; grants: Grants };
export type Joined = Seated & {
  self: Participant;
  /** A moderator has to admit first: there is no roster, and nothing that is live. */
  waiting: boolean;
  roster: RosterSnapshot;
  live: LiveRemote[];
};
/** `remotes[i]` is the SFU's session behind the i-th track asked for; undefined where it is none of this room's. */
export type Access = Seated & { session: Session; remotes: (string | undefined)[] };

const REMOVED = 'A host has removed you from this room';
/** What who waits is told of the room. */
const NO_ROSTER: RosterSnapshot = { epoch: 'waiting', rev: 0, locked: false, participants: [] };

/**
 * A room: its seats, its roster, and who may do what in it. Decides everything and touches nothing: what is to happen
 * outside collects in its effects. Times are milliseconds since the epoch.
 */
export class Room extends Presence {
  readonly #newId: () => string;
  readonly #chatHistory: number;

  /** `chatHistory`: how many messages of before somebody new may read. */
  constructor(newId: () => string, state?: RoomState, limits = new Limits(), chatHistory = 0) {
    super(newId(), state, limits);
    this.#newId = newId;
    this.#chatHistory = chatHistory;
  }

  /**
   * Takes the seat of the token's `sub`, free or not, or a place in the waiting room. A seat to return to that is somebody
   * else's is given up.
   */
  join({ claims, name, secretHash, ticketHash, resumeHash }: JoinInput, now: number): Joined | Denied {
    const known = this.#seatOf(claims);
    const given = this.everybody.find((seat) => seat.secretHash === resumeHash && seat.sub !== claims.sub);
    const denied = this.#checkVisit(claims, now) ?? this.#checkEntry(claims, known, now, given);
    const isWaiting = denied?.errorCode === 'waiting';
    if (isWaiting && !known && this.state.waiting.size >= WAITING_MAX) return deny('room_full');
    if (denied && !isWaiting) return denied;
    if (given) this.remove(given, LeaveReason.replaced, now, CloseCode.replaced);
    if (known) this.release(known, known.admitted ? 1000 : CloseCode.replaced, LeaveReason.replaced, now);

    const seat = withTicket({ ...this.#newSeat(claims, known, now), name, secretHash }, ticketHash, now);
    const joined = { ...this.#seated(seat), self: toParticipant(seat), waiting: isWaiting };
    if (isWaiting) {
      this.wait(seat);
      this.log('knocked', seat);
      return { ...joined, roster: NO_ROSTER, live: [] };
    }
    this.sit(seat, now, claims.limits.minutes);
    this.log('joined', seat);
    return { ...joined, roster: this.snapshot(), live: liveFor(this.members, seat) };
  }

  /** May somebody take a seat now? Nothing comes of it, but that it counts as a visit. */
  mayJoin(claims: RoomTokenClaims, now: number): { ok: true } | Denied {
    return this.#checkVisit(claims, now) ?? this.#checkEntry(claims, this.#seatOf(claims), now) ?? { ok: true };
  }

  /** The caller's seat. A token whose `sub` has none takes one, which lives by its calls. */
  enter(bearer: Bearer, now: number): Seated | Denied {
    const holder = this.holder(bearer);
    const known = this.member(bearer);
    if (bearer.type === 'member') {
      if (!known) return this.stranger(bearer);
      return this.limits.visits.take(known.sub, now) ? this.#seated(known) : deny('rate_limited');
    }
    const { claims } = bearer;
    const hasSocket = known?.socket.phase === 'open' || known?.socket.phase === 'expected';
    const denied = this.#checkVisit(claims, now) ?? (hasSocket ? undefined : this.#checkEntry(claims, holder, now));
    if (denied) return denied;
    if (hasSocket) return this.#seated(known, bearer);

    const { name = '', role, iat } = claims;
    const seat: Seat = {
      ...(known ?? this.#newSeat(claims, holder, now)),
      name,
      role,
      grants: this.grantsOf(claims),
      iat,
      socket: { phase: 'calling', until: now + GRACE_MS, calledAt: now },
    };
    if (holder && !known) this.release(holder, 1000, LeaveReason.replaced, now);
    this.sit(seat, now, claims.limits.minutes);
    if (!known) this.log('joined', seat);
    return this.#seated(seat, bearer);
  }

  /** The caller's own session, and where the tracks of others are that the call names. */
  access(bearer: Bearer, handle: string, remotes: readonly RemoteTrack[], now: number): Access | Denied {
    const seat = this.member(bearer);
    if (!seat) return this.stranger(bearer);
    const session = seat.sessions.find((session) => session.handle === handle);
    if (!session) return deny('session_error');
    if (seat.socket.phase === 'calling') this.save(heard(seat, now));
    return { ...this.#seated(seat, bearer), session, remotes: locate(this.members, remotes) };
  }

  /**
   * Records what calls to the SFU have made for a seat. False where the seat has moved on meanwhile: then nothing is
   * kept, and what was made is closed, as is what is not granted any more. A ticket given again counts from now.
   */
  commit(ref: SeatRef, made: readonly Session[], now: number, ticketHash?: string): boolean {
    let seat = this.current(ref);
    if (!seat) {
      this.abandon(made, now);
      return false;
    }
    for (const session of made) {
      const result = withSession(seat, session);
      seat = result.seat;
      this.abandon(result.retired, now);
    }
    seat = heard(this.state.granted.has(seat.sub) ? this.keepWithinGrants(seat, now) : seat, now);
    this.save(ticketHash === undefined ? seat : withTicket(seat, ticketHash, now));
    // Nobody else announces what was published by who has no socket.
    const publishing = made.find((session) => session.published.length > 0);
    if (seat.socket.phase === 'calling' && publishing)
      this.put({ ...seat, sessionId: publishing.handle, tracks: guessTracks(seat, publishing.handle) });
    return true;
  }

  /** Closes what a seat has at the SFU beyond its grants. */
  keepWithinGrants(seat: Seat, now: number): Seat {
    return seat.sessions.reduce((kept, session) => {
      const mids = beyondGrants(seat, session);
      this.closings.add(session.sfuId, mids, now);
      return withoutMids(kept, session.handle, new Set(mids));
    }, seat);
  }

  /** Takes note that the SFU has closed sections of a session. */
  tracksClosed(ref: SeatRef, handle: string, mids: readonly string[]): void {
    const seat = this.current(ref);
    if (seat) this.put(withoutMids(seat, handle, new Set(mids)));
  }

  addTicket(bearer: Bearer, ticketHash: string, now: number): Seated | Denied {
    const seat = this.holder(bearer);
    if (!seat || bearer.type === 'token') return deny('unauthorized');
    this.save(withTicket(seat, ticketHash, now));
    return this.#seated(seat, bearer);
  }

  leave(bearer: Bearer, mayReturn: boolean, now: number): Seated | Denied {
    const seat = this.holder(bearer);
    if (!seat) return deny('unauthorized');
    this.leaveSeat(seat, mayReturn, now);
    return this.#seated(seat, bearer);
  }

  /** Out, or not in at all, and no token of before opens the room again. */
  removeByHost(seat: Seat, now: number): void {
    this.denials.add(seat.sub, seat.iat, now);
    this.remove(seat, LeaveReason.removed, now, CloseCode.removed);
  }

  /** Counts a visit. Why somebody with this token may not come at all now. */
  #checkVisit(claims: RoomTokenClaims, now: number): Denied | undefined {
    if (!this.limits.visits.take(claims.sub, now)) return deny('rate_limited');
    return this.denials.has(claims) ? deny('forbidden', REMOVED) : undefined;
  }

  #seatOf({ sub }: RoomTokenClaims): Seat | undefined {
    return this.everybody.find((seat) => seat.sub === sub);
  }

  /** Why a token may not take a seat now; `waiting` where it has to be admitted first. `given` makes room for it. */
  #checkEntry(claims: RoomTokenClaims, known: Seat | undefined, now: number, given?: Seat): Denied | undefined {
    const { call, seats } = this.state;
    const { participants = PARTICIPANTS_DEFAULT_MAX, minutes } = claims.limits;
    const isTimeOver = minutes !== undefined && minutes * 60_000 <= now - (call.startedAt ?? now);
    if (isTimeOver || this.denials.hasRunOut(claims)) return deny('time_over');
    if (known && !this.isWaiting(known)) return undefined;
    if (!this.grantsOf(claims).moderate && !known?.admitted) {
      if (call.locked) return deny('room_locked');
      if (claims.lobby) return deny('waiting');
    }
    const others = seats.size - (given && seats.has(given.id) ? 1 : 0);
    return others >= participants ? deny('room_full') : undefined;
  }

  /** For who is known, with what lasts: the id, the place in the order, the hand, and how far back the chat goes. */
  #newSeat(claims: RoomTokenClaims, known: Seat | undefined, now: number): Seat {
    const seat = newSeat(known?.id ?? this.#newId(), { ...claims, grants: this.grantsOf(claims) }, now);
    const generation = (known?.generation ?? 0) + 1;
    if (!known || this.isWaiting(known))
      return { ...seat, generation, chatFrom: firstReadable(this.state, this.#chatHistory) };
    const { joinedAt, hand, chatFrom } = known;
    return compact({ ...seat, generation, joinedAt, hand, chatFrom });
  }

  /** Who calls with a token has what that token grants: with it they could take the seat as well. */
  #seated({ id, generation, grants }: Seat, bearer?: Bearer): Seated {
    return {
      ok: true,
      ref: { seatId: id, generation },
      grants: bearer?.type === 'token' ? this.grantsOf(bearer.claims) : grants,
    };
  }
}
