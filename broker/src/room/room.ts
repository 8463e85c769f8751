import {
  CloseCode,
  GRACE_MS,
  LeaveReason,
  PAGE_HIDE_GRACE_MS,
  PARTICIPANTS_DEFAULT_MAX,
  PING_INTERVAL_MS,
  TICKET_LIFETIME_MS,
  type Grants,
  type LiveTrack,
  type Participant,
  type RoomTokenClaims,
  type RosterChange,
  type RosterSnapshot,
  type ServerMessage,
  type Source,
} from '#protocol';
import { deny, type Denied } from '../refusal.ts';
import { Closings, type Closing } from './closings.ts';
import { Denials, type Denial } from './denials.ts';
import { liveFor, locate, ofBearer, type Bearer, type LiveRemote, type RemoteTrack } from './lookup.ts';
import { Limits } from './rate-limit.ts';
import { Readers } from './readers.ts';
import { RosterHistory } from './roster-history.ts';
import {
  guessTracks,
  heard,
  newSeat,
  openMids,
  toParticipant,
  withSession,
  withTicket,
  withoutMids,
  type Seat,
  type Session,
} from './seat.ts';

/** All that a room is between two events. */
export interface RoomState {
  /** Random, new with each life of the room. */
  epoch: string;
  rev: number;
  seats: Map<string, Seat>;
  closings: Map<string, Closing>;
  denials: Map<string, Denial>;
}

/** What an event makes the room do, in order. Sending to a socket that is gone does nothing. */
export type Effect =
  | { type: 'send'; connectionId: string; message: ServerMessage }
  | { type: 'broadcast'; message: ServerMessage }
  | { type: 'close'; connectionId: string; code: number; reason: string }
  | { type: 'probe'; ref: SeatRef; sfuIds: string[]; calledAt: number }
  | { type: 'log'; event: string; participant: string; reason?: string };

/** A seat at one moment; work done for it later is void if its generation has moved on. */
export interface SeatRef {
  seatId: string;
  generation: number;
}

export interface JoinInput {
  claims: RoomTokenClaims;
  name: string;
  secretHash: string;
  ticketHash: string;
  /** Hash of the secret of the seat to return to. */
  resumeHash?: string;
}

export type Seated = { ok: true; ref: SeatRef; grants: Grants };
export type Joined = Seated & { self: Participant; roster: RosterSnapshot; live: LiveRemote[] };
/** `remotes[i]` is the SFU's session behind the i-th track asked for; undefined where it is none of this room's. */
export type Access = Seated & { session: Session; remotes: (string | undefined)[] };

const REMOVED = 'A host has removed you from this room';
/** A socket without a sign of life for this long is lost, though it looks open: a cut cable closes nothing. */
const SILENT_MAX_MS = 2.5 * PING_INTERVAL_MS;
/** Whatever the SFU says, a seat that lives by its calls makes one within this time. */
const CALLING_MAX_MS = 24 * 60 * 60 * 1000;

/**
 * A room: its seats, its roster, and who may do what in it. Decides everything and touches nothing: what is to happen
 * outside collects in its effects. Times are milliseconds since the epoch.
 */
export class Room {
  readonly state: RoomState;
  readonly closings: Closings;
  readonly denials: Denials;
  readonly limits: Limits;
  readonly readers = new Readers();
  readonly #history: RosterHistory;
  readonly #newId: () => string;
  #effects: Effect[] = [];

  constructor(newId: () => string, state?: RoomState, limits = new Limits()) {
    this.state = state ?? { epoch: newId(), rev: 0, seats: new Map(), closings: new Map(), denials: new Map() };
    this.closings = new Closings(this.state.closings);
    this.denials = new Denials(this.state.denials);
    this.limits = limits;
    this.#history = new RosterHistory(this.state.rev);
    this.#newId = newId;
  }

  /** Nobody is here and nothing is left to do: the room may be forgotten. */
  get isOver(): boolean {
    const { seats, closings, denials } = this.state;
    return seats.size === 0 && closings.size === 0 && denials.size === 0;
  }

  takeEffects(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Takes the seat of the token's `sub`, free or not. A seat to return to that is somebody else's is given up. */
  join({ claims, name, secretHash, ticketHash, resumeHash }: JoinInput, now: number): Joined | Denied {
    if (!this.limits.visits.take(claims.sub, now)) return deny('rate_limited');
    if (this.denials.has(claims)) return deny('forbidden', REMOVED);
    if (claims.lobby && !claims.grants.moderate) return deny('waiting');
    const known = this.#find(({ sub }) => sub === claims.sub);
    const given = this.#find((seat) => seat.secretHash === resumeHash && seat.sub !== claims.sub);
    const others = this.state.seats.size - (given ? 1 : 0);
    if (!known && isFull(claims, others)) return deny('room_full');
    if (given) this.#remove(given, LeaveReason.replaced, now, CloseCode.replaced);
    if (known) this.#release(known, CloseCode.replaced, LeaveReason.replaced, now);

    const seat: Seat = {
      ...newSeat(known?.id ?? this.#newId(), claims, now),
      ...(known && { joinedAt: known.joinedAt, generation: known.generation + 1 }),
      name,
      secretHash,
      tickets: [{ hash: ticketHash, expiresAt: now + TICKET_LIFETIME_MS }],
    };
    this.#change(seat);
    this.#log('joined', seat);
    return {
      ...seated(seat),
      self: toParticipant(seat),
      roster: this.#snapshot(),
      live: liveFor(this.state.seats.values(), seat),
    };
  }

  /** The caller's seat. A token whose `sub` has none takes one, which lives by its calls. */
  enter(bearer: Bearer, now: number): Seated | Denied {
    const known = this.#seatBy(bearer);
    if (!known && bearer.type === 'member') return deny('unauthorized');
    const claims = bearer.type === 'token' ? bearer.claims : undefined;
    if (!this.limits.visits.take(known?.sub ?? claims?.sub ?? '', now)) return deny('rate_limited');
    if (claims && this.denials.has(claims)) return deny('forbidden', REMOVED);
    if (claims?.lobby && !claims.grants.moderate) return deny('waiting');
    const hasSocket = known?.socket.phase === 'open' || known?.socket.phase === 'expected';
    if (known && (!claims || hasSocket)) return seated(known, bearer);
    if (!claims) return deny('unauthorized');
    if (!known && isFull(claims, this.state.seats.size)) return deny('room_full');

    const { name = '', role, grants, iat } = claims;
    const seat: Seat = {
      ...(known ?? newSeat(this.#newId(), claims, now)),
      name,
      role,
      grants,
      iat,
      socket: { phase: 'calling', until: now + GRACE_MS, calledAt: now },
    };
    if (known && isSame(toParticipant(known), toParticipant(seat))) this.#save(seat);
    else this.#change(seat);
    if (!known) this.#log('joined', seat);
    return seated(seat, bearer);
  }

  /** The caller's own session, and where the tracks of others are that the call names. */
  access(bearer: Bearer, handle: string, remotes: readonly RemoteTrack[], now: number): Access | Denied {
    const seat = this.#seatBy(bearer);
    if (!seat && bearer.type === 'member') return deny('unauthorized');
    const session = seat?.sessions.find((session) => session.handle === handle);
    if (!seat || !session) return deny('session_error');
    if (seat.socket.phase === 'calling') this.#save(heard(seat, now));
    return { ...seated(seat, bearer), session, remotes: locate([...this.state.seats.values()], remotes) };
  }

  /**
   * Records what calls to the SFU have made for a seat. False where the seat has moved on meanwhile: then nothing is
   * kept, and what was made is closed. A ticket given again counts from now.
   */
  commit(ref: SeatRef, made: readonly Session[], now: number, ticketHash?: string): boolean {
    let seat = this.#current(ref);
    if (!seat) {
      for (const session of made) this.closings.add(session.sfuId, openMids(session), now);
      return false;
    }
    for (const session of made) {
      const result = withSession(seat, session);
      seat = result.seat;
      for (const retired of result.retired) this.closings.add(retired.sfuId, openMids(retired), now);
    }
    seat = heard(seat, now);
    this.#save(ticketHash === undefined ? seat : withTicket(seat, ticketHash, now));
    // Nobody else announces what was published by who has no socket.
    const publishing = made.find((session) => session.published.length > 0);
    if (seat.socket.phase === 'calling' && publishing)
      this.announce(seat, publishing.handle, guessTracks(seat, publishing.handle));
    return true;
  }

  /** Takes note that the SFU has closed sections of a session. */
  tracksClosed(ref: SeatRef, handle: string, mids: readonly string[]): void {
    const seat = this.#current(ref);
    if (!seat) return;
    const changed = withoutMids(seat, handle, new Set(mids));
    if (changed.tracks.length < seat.tracks.length) this.#change(changed);
    else this.#save(changed);
  }

  addTicket(bearer: Bearer, ticketHash: string, now: number): Seated | Denied {
    const seat = this.#seatBy(bearer);
    if (!seat || bearer.type === 'token') return deny('unauthorized');
    this.#save(withTicket(seat, ticketHash, now));
    return seated(seat, bearer);
  }

  /** Uses up a ticket and opens its seat's socket under this connection id; an older socket is closed. */
  openSocket(ticketHash: string, connectionId: string, now: number): boolean {
    const seat = this.#find((seat) => seat.tickets.some((ticket) => ticket.hash === ticketHash));
    if (!seat) return false;
    const isGood = seat.tickets.some((ticket) => ticket.hash === ticketHash && ticket.expiresAt > now);
    const used = { ...seat, tickets: seat.tickets.filter((ticket) => ticket.hash !== ticketHash) };
    if (!isGood) this.#save(used);
    else {
      this.#closeSocket(seat, CloseCode.replaced, 'replaced');
      this.readers.opened(connectionId);
      this.#setSocket(used, { phase: 'open', connectionId, strikes: 0 });
    }
    return isGood;
  }

  /** A socket is gone. That is not leaving: the seat is kept for a while. */
  socketLost(connectionId: string, now: number): void {
    this.readers.closed(connectionId);
    const seat = this.seatOfSocket(connectionId);
    if (seat) this.#setSocket(seat, { phase: 'lost', until: now + GRACE_MS, reason: LeaveReason.lost });
  }

  /** The seat whose open socket this is. */
  seatOfSocket(connectionId: string): Seat | undefined {
    return this.#find(({ socket }) => socket.phase === 'open' && socket.connectionId === connectionId);
  }

  /** Counts a frame that was not understood. Returns how many there have been. */
  strike(seat: Seat): number {
    if (seat.socket.phase !== 'open') return 0;
    const strikes = seat.socket.strikes + 1;
    this.#save({ ...seat, socket: { ...seat.socket, strikes } });
    return strikes;
  }

  /** Brings a client up to date that knows `rev` of `epoch`: by what it has missed, or by all there is if that is less. */
  hello(connectionId: string, epoch: string, rev: number): void {
    this.readers.asked(connectionId);
    const missed = this.state.epoch === epoch ? this.#history.since(rev) : undefined;
    if (!missed || (missed.length > 0 && missed.length >= this.state.seats.size))
      return this.send(connectionId, { type: 'roster', ...this.#snapshot() });
    for (const change of missed) this.send(connectionId, { type: 'change', epoch, ...change });
    this.send(connectionId, { type: 'current', epoch, rev: this.state.rev });
  }

  /** Replaces what a seat has announced; the caller has made all checks. */
  announce(seat: Seat, sessionId: string, tracks: readonly LiveTrack[]): void {
    if (!isSame([seat.sessionId, seat.tracks], [sessionId, tracks])) this.#change({ ...seat, sessionId, tracks });
  }

  leave(bearer: Bearer, mayReturn: boolean, now: number): Seated | Denied {
    const seat = this.#seatBy(bearer);
    if (!seat) return deny('unauthorized');
    this.leaveSeat(seat, mayReturn, now);
    return seated(seat, bearer);
  }

  /** Leaves at once, or keeps the seat for the time a reload takes. */
  leaveSeat(seat: Seat, mayReturn: boolean, now: number): void {
    if (!mayReturn) return this.#remove(seat, LeaveReason.left, now);
    this.#closeSocket(seat, 1000, LeaveReason.left);
    this.#setSocket(seat, { phase: 'lost', until: now + PAGE_HIDE_GRACE_MS, reason: LeaveReason.left });
  }

  /** Out, and no token of before opens the room again. */
  removeByHost(id: string, now: number): void {
    const seat = this.state.seats.get(id);
    if (!seat) return;
    this.denials.add(seat.sub, seat.iat, now);
    this.#remove(seat, LeaveReason.removed, now, CloseCode.removed);
  }

  /** Over for all. Who wants to may begin a new call. */
  end(now: number): void {
    for (const seat of this.state.seats.values()) this.#remove(seat, LeaveReason.removed, now, CloseCode.ended);
  }

  /** Asks for silence, and says at once that there is. The participant may announce otherwise. */
  mute(seat: Seat, source: Source): void {
    const tracks = seat.tracks.map((track) => (track.source === source ? { ...track, muted: true } : track));
    if (seat.socket.phase === 'open') this.send(seat.socket.connectionId, { type: 'mute', source });
    this.announce(seat, seat.sessionId, tracks);
  }

  send(connectionId: string, message: ServerMessage): void {
    this.#effects.push({ type: 'send', connectionId, message });
  }

  close(connectionId: string, code: number, reason: string): void {
    this.#effects.push({ type: 'close', connectionId, code, reason });
  }

  /**
   * Does what time has brought, and mends what was missed in sleep: sockets end without a word when the object
   * restarts. `open` has all open sockets with their last sign of life.
   */
  tick(open: ReadonlyMap<string, number>, now: number): void {
    this.denials.expire(now);
    for (const connectionId of open.keys())
      if (!this.seatOfSocket(connectionId)) this.close(connectionId, CloseCode.unauthorized, 'no such seat');
    for (const seat of this.state.seats.values()) {
      if (seat.socket.phase !== 'open') continue;
      const heardAt = open.get(seat.socket.connectionId);
      if (heardAt === undefined) this.socketLost(seat.socket.connectionId, now);
      else if (now - heardAt >= SILENT_MAX_MS) {
        this.#closeSocket(seat, 1011, 'silent');
        // The cut came at most one ping after the last sign of life.
        const until = heardAt + PING_INTERVAL_MS + GRACE_MS;
        this.#setSocket(seat, { phase: 'lost', until, reason: LeaveReason.lost });
      }
    }
    for (const connectionId of this.readers.tooSlow(now)) {
      this.close(connectionId, CloseCode.tooSlow, 'too slow');
      this.socketLost(connectionId, now);
    }
    for (const seat of this.state.seats.values())
      if (seat.socket.phase !== 'open' && seat.socket.until <= now) this.#timeUp(seat, now);
  }

  /** The SFU knows no session of this seat any more. A call since then counts for more. */
  lapse(ref: SeatRef, calledAt: number, now: number): void {
    const seat = this.#current(ref);
    if (seat?.socket.phase === 'calling' && seat.socket.calledAt === calledAt)
      this.#remove(seat, LeaveReason.lost, now);
  }

  /** When there is something to do by the clock; Infinity where there is not. */
  nextDue(open: ReadonlyMap<string, number>, now: number): number {
    const seats = [...this.state.seats.values()].map(({ socket }) =>
      socket.phase === 'open' ? (open.get(socket.connectionId) ?? now) + SILENT_MAX_MS : socket.until,
    );
    return Math.min(this.closings.nextDue(), this.denials.nextDue(), this.readers.nextDue(), ...seats);
  }

  /** Nothing was heard of a seat. Who only calls may have no reason to: then the SFU is asked. */
  #timeUp(seat: Seat, now: number): void {
    const { socket, sessions, id: seatId, generation } = seat;
    if (socket.phase !== 'calling' || sessions.length === 0 || now - socket.calledAt >= CALLING_MAX_MS)
      return this.#remove(seat, socket.phase === 'lost' ? socket.reason : LeaveReason.lost, now);
    this.#save({ ...seat, socket: { ...socket, until: now + GRACE_MS } });
    const sfuIds = sessions.map((session) => session.sfuId);
    this.#effects.push({ type: 'probe', ref: { seatId, generation }, sfuIds, calledAt: socket.calledAt });
  }

  #remove(seat: Seat, reason: LeaveReason, now: number, code = 1000): void {
    this.#release(seat, code, reason, now);
    this.state.seats.delete(seat.id);
    this.#publish({ type: 'gone', id: seat.id, reason });
    this.#log('left', seat, reason);
  }

  /** Takes away what the last holder of a seat had: the socket, and the media at the SFU. */
  #release(seat: Seat, code: number, reason: string, now: number): void {
    this.#closeSocket(seat, code, reason);
    for (const session of seat.sessions) this.closings.add(session.sfuId, openMids(session), now);
  }

  #closeSocket({ socket }: Seat, code: number, reason: string): void {
    if (socket.phase !== 'open') return;
    this.readers.closed(socket.connectionId);
    this.close(socket.connectionId, code, reason);
  }

  /** Tells the room where the change is one that it sees. */
  #setSocket(seat: Seat, socket: Seat['socket']): void {
    const changed = { ...seat, socket };
    if (toParticipant(changed).presence === toParticipant(seat).presence) this.#save(changed);
    else this.#change(changed);
  }

  #change(seat: Seat): void {
    this.#save(seat);
    this.#publish({ type: 'put', participant: toParticipant(seat) });
  }

  #save(seat: Seat): void {
    this.state.seats.set(seat.id, seat);
  }

  #publish(change: RosterChange): void {
    this.state.rev += 1;
    this.#history.add(change);
    const { epoch, rev } = this.state;
    this.#effects.push({ type: 'broadcast', message: { type: 'change', epoch, rev, change } });
  }

  #log(event: string, { id }: Seat, reason?: string): void {
    this.#effects.push({ type: 'log', event, participant: id, ...(reason && { reason }) });
  }

  #snapshot(): RosterSnapshot {
    const { epoch, rev, seats } = this.state;
    return { epoch, rev, locked: false, participants: [...seats.values()].map(toParticipant) };
  }

  #current({ seatId, generation }: SeatRef): Seat | undefined {
    const seat = this.state.seats.get(seatId);
    return seat?.generation === generation ? seat : undefined;
  }

  /** A token from before somebody was removed finds nothing, though a newer one has a seat again. */
  #seatBy(bearer: Bearer): Seat | undefined {
    const isDenied = bearer.type === 'token' && this.denials.has(bearer.claims);
    return isDenied ? undefined : this.#find(ofBearer(bearer));
  }

  #find(matches: (seat: Seat) => boolean): Seat | undefined {
    return [...this.state.seats.values()].find(matches);
  }
}

/** Who calls with a token has what that token grants: with it they could take the seat as well. */
function seated({ id, generation, grants }: Seat, bearer?: Bearer): Seated {
  return {
    ok: true,
    ref: { seatId: id, generation },
    grants: bearer?.type === 'token' ? bearer.claims.grants : grants,
  };
}

function isFull({ limits }: RoomTokenClaims, seats: number): boolean {
  return seats >= (limits.participants ?? PARTICIPANTS_DEFAULT_MAX);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
