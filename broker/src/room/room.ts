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
  type RemoteTrackRequest,
  type RoomTokenClaims,
  type RosterChange,
  type RosterSnapshot,
  type ServerMessage,
} from '#protocol';
import { deny, type Denied } from '../refusal.ts';
import { Closings, type Closing } from './closings.ts';
import { findTrack, openMids, toParticipant, withSession, withoutMids, type Seat, type Session } from './seat.ts';

/** All that a room is between two events. */
export interface RoomState {
  /** Random, new with each life of the room. */
  epoch: string;
  rev: number;
  seats: Map<string, Seat>;
  closings: Map<string, Closing>;
}

/** What an event makes the room do, in order. Sending to a socket that is gone does nothing. */
export type Effect =
  | { type: 'send'; connectionId: string; message: ServerMessage }
  | { type: 'broadcast'; message: ServerMessage }
  | { type: 'close'; connectionId: string; code: number; reason: string }
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

/** A live track of somebody else, with the SFU's own id of its session. */
export interface LiveRemote {
  handle: string;
  sfuId: string;
  track: LiveTrack;
}

export type Seated = { ok: true; ref: SeatRef; grants: Grants };
export type Joined = Seated & { self: Participant; roster: RosterSnapshot; live: LiveRemote[] };
/** `remotes[i]` is the SFU's session behind the i-th track asked for; undefined where it is none of this room's. */
export type Access = Seated & { session: Session; remotes: (string | undefined)[] };
export type RemoteTrack = Pick<RemoteTrackRequest, 'sessionId' | 'trackName'>;

const TICKETS_PER_SEAT_MAX = 4;
/** A socket without a sign of life for this long is lost, though it looks open: a cut cable closes nothing. */
const SILENT_MAX_MS = 2.5 * PING_INTERVAL_MS;

/**
 * A room: its seats, its roster, and who may do what in it. Decides everything and touches nothing: what is to happen
 * outside collects in its effects. Times are milliseconds since the epoch.
 */
export class Room {
  readonly state: RoomState;
  readonly closings: Closings;
  readonly #newId: () => string;
  #effects: Effect[] = [];

  constructor(newId: () => string, state?: RoomState) {
    this.state = state ?? { epoch: newId(), rev: 0, seats: new Map(), closings: new Map() };
    this.closings = new Closings(this.state.closings);
    this.#newId = newId;
  }

  /** Nobody is here and nothing is left to do: the room may be forgotten. */
  get isOver(): boolean {
    return this.state.seats.size === 0 && this.state.closings.size === 0;
  }

  takeEffects(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Takes the seat of the token's `sub`, free or not. A seat to return to that is somebody else's is given up. */
  join({ claims, name, secretHash, ticketHash, resumeHash }: JoinInput, now: number): Joined | Denied {
    const known = this.#find((seat) => seat.sub === claims.sub);
    const given = this.#find((seat) => seat.secretHash === resumeHash && seat.sub !== claims.sub);
    const others = this.state.seats.size - (given ? 1 : 0);
    if (!known && others >= (claims.limits.participants ?? PARTICIPANTS_DEFAULT_MAX)) return deny('room_full');
    if (given) this.#remove(given, LeaveReason.replaced, now);
    if (known) this.#release(known, CloseCode.replaced, LeaveReason.replaced, now);

    const seat: Seat = {
      id: known?.id ?? this.#newId(),
      sub: claims.sub,
      name,
      role: claims.role,
      grants: claims.grants,
      joinedAt: known?.joinedAt ?? now,
      secretHash,
      generation: (known?.generation ?? 0) + 1,
      socket: { phase: 'expected', until: now + GRACE_MS },
      tickets: [{ hash: ticketHash, expiresAt: now + TICKET_LIFETIME_MS }],
      sessions: [],
      sessionId: '',
      tracks: [],
    };
    this.#change(seat);
    this.#log('joined', seat);
    return { ...seated(seat), self: toParticipant(seat), roster: this.#snapshot(), live: this.#liveFor(seat) };
  }

  seatOf(secretHash: string): Seated | Denied {
    const seat = this.#find((seat) => seat.secretHash === secretHash);
    return seat ? seated(seat) : deny('unauthorized');
  }

  /** The caller's own session, and where the tracks of others are that the call names. */
  access(secretHash: string, handle: string, remotes: readonly RemoteTrack[]): Access | Denied {
    const seat = this.#find((seat) => seat.secretHash === secretHash);
    if (!seat) return deny('unauthorized');
    const session = seat.sessions.find((session) => session.handle === handle);
    if (!session) return deny('not_found');
    return { ...seated(seat), session, remotes: remotes.map((remote) => this.#locate(remote)) };
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
    if (seat.socket.phase === 'expected') seat = { ...seat, socket: { phase: 'expected', until: now + GRACE_MS } };
    this.#save(ticketHash === undefined ? seat : withTicket(seat, ticketHash, now));
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

  /** Handles of the sessions of this room among these ids of the SFU. */
  handlesOf(sfuIds: readonly string[]): Map<string, string> {
    const sessions = [...this.state.seats.values()].flatMap((seat) => seat.sessions);
    return new Map(sessions.filter(({ sfuId }) => sfuIds.includes(sfuId)).map(({ sfuId, handle }) => [sfuId, handle]));
  }

  addTicket(secretHash: string, ticketHash: string, now: number): Seated | Denied {
    const seat = this.#find((seat) => seat.secretHash === secretHash);
    if (!seat) return deny('unauthorized');
    this.#save(withTicket(seat, ticketHash, now));
    return seated(seat);
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
      this.#setSocket(used, { phase: 'open', connectionId, strikes: 0 });
    }
    return isGood;
  }

  /** A socket is gone. That is not leaving: the seat is kept for a while. */
  socketLost(connectionId: string, now: number): void {
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

  /** Brings a client up to date that knows `rev` of `epoch`. */
  hello(connectionId: string, epoch: string, rev: number): void {
    const isCurrent = this.state.epoch === epoch && this.state.rev === rev;
    this.send(connectionId, isCurrent ? { type: 'current', epoch, rev } : { type: 'roster', ...this.#snapshot() });
  }

  /** Replaces what a seat has announced; the caller has made all checks. */
  announce(seat: Seat, sessionId: string, tracks: readonly LiveTrack[]): void {
    const isSame = seat.sessionId === sessionId && JSON.stringify(seat.tracks) === JSON.stringify(tracks);
    if (!isSame) this.#change({ ...seat, sessionId, tracks });
  }

  leave(secretHash: string, mayReturn: boolean, now: number): Seated | Denied {
    const seat = this.#find((seat) => seat.secretHash === secretHash);
    if (!seat) return deny('unauthorized');
    this.leaveSeat(seat, mayReturn, now);
    return seated(seat);
  }

  /** Leaves at once, or keeps the seat for the time a reload takes. */
  leaveSeat(seat: Seat, mayReturn: boolean, now: number): void {
    if (!mayReturn) return this.#remove(seat, LeaveReason.left, now);
    this.#closeSocket(seat, 1000, LeaveReason.left);
    this.#setSocket(seat, { phase: 'lost', until: now + PAGE_HIDE_GRACE_MS, reason: LeaveReason.left });
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
    for (const seat of this.state.seats.values())
      if (seat.socket.phase !== 'open' && seat.socket.until <= now)
        this.#remove(seat, seat.socket.phase === 'lost' ? seat.socket.reason : LeaveReason.lost, now);
  }

  /** When there is something to do by the clock; Infinity where there is not. */
  nextDue(open: ReadonlyMap<string, number>, now: number): number {
    const seats = [...this.state.seats.values()].map(({ socket }) =>
      socket.phase === 'open' ? (open.get(socket.connectionId) ?? now) + SILENT_MAX_MS : socket.until,
    );
    return Math.min(this.closings.nextDue(), ...seats);
  }

  #remove(seat: Seat, reason: LeaveReason, now: number): void {
    this.#release(seat, reason === LeaveReason.replaced ? CloseCode.replaced : 1000, reason, now);
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
    if (socket.phase === 'open') this.close(socket.connectionId, code, reason);
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
    const { epoch, rev } = this.state;
    this.#effects.push({ type: 'broadcast', message: { type: 'change', epoch, rev, change } });
  }

  #log(event: string, { id }: Seat, reason?: string): void {
    this.#effects.push({ type: 'log', event, participant: id, ...(reason && { reason }) });
  }

  #snapshot(): RosterSnapshot {
    const { epoch, rev, seats } = this.state;
    return { epoch, rev, participants: [...seats.values()].map(toParticipant) };
  }

  #liveFor(self: Seat): LiveRemote[] {
    if (!self.grants.subscribe) return [];
    return [...this.state.seats.values()].flatMap(({ id, sessions, sessionId: handle, tracks }) =>
      tracks.flatMap((track) => {
        const found = id === self.id ? undefined : findTrack(sessions, handle, track.trackName);
        return found ? [{ handle, sfuId: found.sfuId, track }] : [];
      }),
    );
  }

  #locate({ sessionId, trackName }: RemoteTrack): string | undefined {
    for (const { sessions } of this.state.seats.values()) {
      const found = findTrack(sessions, sessionId, trackName);
      if (found) return found.sfuId;
    }
    return undefined;
  }

  #current({ seatId, generation }: SeatRef): Seat | undefined {
    const seat = this.state.seats.get(seatId);
    return seat?.generation === generation ? seat : undefined;
  }

  #find(matches: (seat: Seat) => boolean): Seat | undefined {
    return [...this.state.seats.values()].find(matches);
  }
}

function seated({ id, generation, grants }: Seat): Seated {
  return { ok: true, ref: { seatId: id, generation }, grants };
}

function withTicket(seat: Seat, hash: string, now: number): Seat {
  const others = seat.tickets.filter((ticket) => ticket.hash !== hash && ticket.expiresAt > now);
  const tickets = [...others, { hash, expiresAt: now + TICKET_LIFETIME_MS }].slice(-TICKETS_PER_SEAT_MAX);
  return { ...seat, tickets };
}
