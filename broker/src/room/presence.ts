import { CloseCode, GRACE_MS, LeaveReason, PAGE_HIDE_GRACE_MS, PING_INTERVAL_MS } from '#protocol';
import type { SeatRef } from './room-state.ts';
import { Roster } from './roster.ts';
import type { Seat } from './seat.ts';

/** A socket without a sign of life for this long is lost, though it looks open: a cut cable closes nothing. */
const SILENT_MAX_MS = 2.5 * PING_INTERVAL_MS;
/** Whatever the SFU says, a seat that lives by its calls makes one within this time. */
const CALLING_MAX_MS = 24 * 60 * 60 * 1000;

/** Who of a {@link Roster} is still there: sockets that open and are lost, and what time does to seats without one. */
export class Presence extends Roster {
  /** Uses up a ticket and opens its holder's socket under this connection id; an older socket is closed. */
  openSocket(ticketHash: string, connectionId: string, now: number): boolean {
    const seat = this.everybody.find(({ tickets }) => tickets.some(({ hash }) => hash === ticketHash));
    const ticket = seat?.tickets.find(({ hash }) => hash === ticketHash);
    if (!seat || !ticket) return false;
    const used = { ...seat, tickets: seat.tickets.filter((other) => other !== ticket) };
    this.save(used);
    if (ticket.expiresAt <= now) return false;
    this.closeSocket(seat, CloseCode.replaced, 'replaced');
    this.readers.opened(connectionId);
    this.setSocket(used, { phase: 'open', connectionId, strikes: 0 });
    return true;
  }

  /** A socket is gone. That is not leaving: the seat is kept for a while. */
  socketLost(connectionId: string, now: number): void {
    this.readers.closed(connectionId);
    const seat = this.seatOfSocket(connectionId);
    if (seat) this.setSocket(seat, { phase: 'lost', until: now + GRACE_MS, reason: LeaveReason.lost });
  }

  /** Counts a frame that was not understood. Returns how many there have been. */
  strike(seat: Seat): number {
    if (seat.socket.phase !== 'open') return 0;
    const strikes = seat.socket.strikes + 1;
    this.save({ ...seat, socket: { ...seat.socket, strikes } });
    return strikes;
  }

  /** Leaves at once, or keeps the seat for the time a reload takes. */
  leaveSeat(seat: Seat, mayReturn: boolean, now: number): void {
    if (!mayReturn) return this.remove(seat, LeaveReason.left, now);
    this.closeSocket(seat, 1000, LeaveReason.left);
    this.setSocket(seat, { phase: 'lost', until: now + PAGE_HIDE_GRACE_MS, reason: LeaveReason.left });
  }

  /** The call is over, for those who wait as well. Who wants to may begin a new one. */
  end(now: number): void {
    for (const seat of this.everybody) this.remove(seat, LeaveReason.removed, now, CloseCode.ended);
  }

  /**
   * Does what time has brought, and mends what was missed in sleep: sockets end without a word when the object
   * restarts. `open` has all open sockets with their last sign of life.
   */
  tick(open: ReadonlyMap<string, number>, now: number): void {
    this.denials.expire(now);
    if ((this.state.call.endsAt ?? Infinity) <= now) return this.#runOut(now);
    for (const connectionId of open.keys())
      if (!this.seatOfSocket(connectionId)) this.close(connectionId, CloseCode.unauthorized, 'no such seat');
    for (const seat of this.everybody) {
      if (seat.socket.phase !== 'open') continue;
      const heardAt = open.get(seat.socket.connectionId);
      if (heardAt === undefined) this.socketLost(seat.socket.connectionId, now);
      else if (now - heardAt >= SILENT_MAX_MS) {
        this.closeSocket(seat, 1011, 'silent');
        // The cut came at most one ping after the last sign of life.
        const until = heardAt + PING_INTERVAL_MS + GRACE_MS;
        this.setSocket(seat, { phase: 'lost', until, reason: LeaveReason.lost });
      }
    }
    for (const connectionId of this.readers.tooSlow(now)) {
      this.close(connectionId, CloseCode.tooSlow, 'too slow');
      this.socketLost(connectionId, now);
    }
    for (const seat of this.everybody)
      if (seat.socket.phase !== 'open' && seat.socket.until <= now) this.#timeUp(seat, now);
  }

  /** The SFU knows no session of this seat any more. A call since then counts for more. */
  lapse(ref: SeatRef, calledAt: number, now: number): void {
    const seat = this.current(ref);
    if (seat?.socket.phase === 'calling' && seat.socket.calledAt === calledAt) this.remove(seat, LeaveReason.lost, now);
  }

  /** When there is something to do by the clock; Infinity where there is not. */
  nextDue(open: ReadonlyMap<string, number>, now: number): number {
    const seats = this.everybody.map(({ socket }) =>
      socket.phase === 'open' ? (open.get(socket.connectionId) ?? now) + SILENT_MAX_MS : socket.until,
    );
    const { endsAt = Infinity } = this.state.call;
    const others = [this.closings, this.denials, this.readers, this.outbox].map((part) => part.nextDue());
    return Math.min(endsAt, ...others, ...seats);
  }

  /** Nothing was heard of a seat. Who only calls may have no reason to: then the SFU is asked. */
  #timeUp(seat: Seat, now: number): void {
    const { socket, sessions } = seat;
    if (socket.phase !== 'calling' || sessions.length === 0 || now - socket.calledAt >= CALLING_MAX_MS)
      return this.remove(seat, socket.phase === 'lost' ? socket.reason : LeaveReason.lost, now);
    this.save({ ...seat, socket: { ...socket, until: now + GRACE_MS } });
    this.probe(seat, socket.calledAt);
  }

  /** The minutes are over, also for tokens that were minted for this call. */
  #runOut(now: number): void {
    this.denials.addAll(Math.max(...this.members.map(({ iat }) => iat)), now);
    this.end(now);
  }
}
