import { parseRoomStatus, type CallUsage, type Grants, type LeaveReason, type RosterChange } from '#protocol';
import type { RosterSnapshot, ServerMessage, WebhookParticipant } from '#protocol';
import { deny, type Denied } from '../refusal.ts';
import { Outbox } from '../webhooks/outbox.ts';
import { Closings } from './closings.ts';
import { Denials } from './denials.ts';
import { Limits } from './rate-limit.ts';
import { Readers } from './readers.ts';
import { NO_CALL, newRoomState } from './room-state.ts';
import type { Bearer, Call, Effect, Happening, RoomState, SeatRef } from './room-state.ts';
import { RosterHistory } from './roster-history.ts';
import { toParticipant, type Seat, type SeatSocket } from './seat.ts';
import { openMids, type Session } from './sessions.ts';

/**
 * Who is in a room and who waits. What an event changes is changed here, so that whoever has to hear of it does: it
 * collects in the effects.
 */
export class Roster {
  readonly state: RoomState;
  readonly closings: Closings;
  readonly denials: Denials;
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly readers = new Readers();
  readonly history: RosterHistory;
  readonly #effects: Effect[] = [];

  constructor(epoch: string, state: RoomState | undefined, limits: Limits) {
    this.state = state ?? newRoomState(epoch);
    this.closings = new Closings(this.state.closings);
    this.denials = new Denials(this.state.denials);
    this.outbox = new Outbox(this.state.events);
    this.limits = limits;
    this.history = new RosterHistory(this.state.rev);
  }

  /** Nobody is here and nothing is left to do: the room may be forgotten. */
  get isOver(): boolean {
    const { seats, waiting, closings, denials, events } = this.state;
    return [seats, waiting, closings, denials, events].every(({ size }) => size === 0);
  }

  takeEffects(): Effect[] {
    return this.#effects.splice(0);
  }

  get members(): Seat[] {
    return [...this.state.seats.values()];
  }

  /** Members, and those who wait. */
  get everybody(): Seat[] {
    return [...this.members, ...this.state.waiting.values()];
  }

  /** A token from before somebody was removed finds nothing, though a newer one has a seat again. */
  holder(bearer: Bearer): Seat | undefined {
    if (bearer.type === 'member') return this.everybody.find(({ secretHash }) => secretHash === bearer.secretHash);
    if (this.denials.has(bearer.claims)) return undefined;
    return this.everybody.find(({ sub }) => sub === bearer.claims.sub);
  }

  /** The seat of somebody who is in. Who waits has none yet. */
  member(bearer: Bearer): Seat | undefined {
    const seat = this.holder(bearer);
    return seat && this.state.seats.get(seat.id);
  }

  /** Why somebody without a seat may do nothing. */
  stranger(bearer: Bearer): Denied {
    if (this.holder(bearer)) return deny('waiting');
    return deny(bearer.type === 'member' ? 'unauthorized' : 'session_error');
  }

  /** The seat, or the place in the waiting room, whose open socket this is. */
  seatOfSocket(connectionId: string): Seat | undefined {
    return this.everybody.find(({ socket }) => socket.phase === 'open' && socket.connectionId === connectionId);
  }

  isWaiting({ id }: Seat): boolean {
    return this.state.waiting.has(id);
  }

  current({ seatId, generation }: SeatRef): Seat | undefined {
    const seat = this.state.seats.get(seatId);
    return seat?.generation === generation ? seat : undefined;
  }

  /** What a moderator has granted holds, else what the token says. */
  grantsOf({ sub, grants }: { sub: string; grants: Grants }): Grants {
    return this.state.granted.get(sub) ?? grants;
  }

  snapshot(): RosterSnapshot {
    const { epoch, rev, call } = this.state;
    return { epoch, rev, ...parseRoomStatus(call), participants: this.members.map(toParticipant) };
  }

  /** Keeps a seat as it is now, without a word. */
  save(seat: Seat): void {
    (this.isWaiting(seat) ? this.state.waiting : this.state.seats).set(seat.id, seat);
  }

  /** Keeps a seat as it is now, and tells the members where it is one that they see. */
  put(seat: Seat): void {
    const known = this.state.seats.get(seat.id);
    this.save(seat);
    if (this.isWaiting(seat)) return;
    const participant = toParticipant(seat);
    if (!known || !isSame(toParticipant(known), participant)) this.#publish({ type: 'put', participant });
  }

  /** Takes a place in the waiting room. */
  wait(seat: Seat): void {
    this.state.waiting.set(seat.id, seat);
    this.tellKnocks();
  }

  setCall(call: Call): void {
    const [before, after] = [parseRoomStatus(this.state.call), parseRoomStatus(call)];
    this.state.call = call;
    if (!isSame(before, after)) this.#publish({ type: 'room', ...after });
  }

  setSocket(seat: Seat, socket: SeatSocket): void {
    this.put({ ...seat, socket });
  }

  closeSocket({ socket }: Seat, code: number, reason: string): void {
    if (socket.phase !== 'open') return;
    this.readers.closed(socket.connectionId);
    this.close(socket.connectionId, code, reason);
  }

  /** Takes away what the last holder of a seat had: the socket, and the media at the SFU. */
  release(seat: Seat, code: number, reason: string, now: number): void {
    this.closeSocket(seat, code, reason);
    this.abandon(seat.sessions, now);
  }

  /** Nobody may use these sessions any more: what is open in them is closed at the SFU. */
  abandon(sessions: readonly Session[], now: number): void {
    for (const session of sessions) this.closings.add(session.sfuId, openMids(session), now);
  }

  /** Takes a seat; with the first the call begins. */
  sit(seat: Seat, now: number, minutes = Infinity): void {
    const { epoch, rev, call, seats } = this.state;
    const isNew = !seats.has(seat.id);
    const { id = `${epoch}-${rev}`, startedAt = now } = call;
    const endsAt = Math.min(call.endsAt ?? Infinity, startedAt + minutes * 60_000);
    const peak = Math.max(call.peak, seats.size + Number(isNew));
    this.setCall({ ...call, id, startedAt, peak, ...(endsAt < Infinity && { endsAt }) });
    this.leaveWaiting(seat);
    this.put(seat);
    if (call.id === undefined) this.tellOwner({ type: 'room.started' });
    if (isNew) this.tellOwner({ type: 'participant.joined', participant: toPerson(seat) });
  }

  /** Gives up a seat, or a place in the waiting room; with the last seat the call ends. */
  remove(seat: Seat, reason: LeaveReason, now: number, code = 1000): void {
    this.release(seat, code, reason, now);
    const { seats, call, granted, chat } = this.state;
    if (this.leaveWaiting(seat) || !seats.delete(seat.id)) return;
    this.#publish({ type: 'gone', id: seat.id, reason });
    this.log('left', seat, reason);
    this.tellOwner({ type: 'participant.left', participant: toPerson(seat), reason });
    this.state.call = { ...call, spentMs: call.spentMs + now - seat.joinedAt };
    if (seats.size > 0) return;
    this.tellOwner({ type: 'room.ended', usage: toUsage(this.state.call, now) });
    this.state.call = NO_CALL;
    granted.clear();
    chat.clear();
  }

  leaveWaiting({ id }: Seat): boolean {
    const wasWaiting = this.state.waiting.delete(id);
    if (wasWaiting) this.tellKnocks();
    return wasWaiting;
  }

  /** Tells who waits: to one member, or to all who may moderate. */
  tellKnocks(members = this.members): void {
    const waiting = [...this.state.waiting.values()].filter(({ admitted }) => !admitted);
    const knocks = waiting.map(({ id, name }) => ({ id, name }));
    for (const seat of members) if (seat.grants.moderate) this.tell(seat, { type: 'knocks', waiting: knocks });
  }

  /** To one, who may be away and hear nothing. */
  tell({ socket }: Seat, message: ServerMessage): void {
    if (socket.phase === 'open') this.send(socket.connectionId, message);
  }

  send(connectionId: string, message: ServerMessage): void {
    this.#effects.push({ type: 'send', connectionId, message });
  }

  broadcast(message: ServerMessage): void {
    this.#effects.push({ type: 'broadcast', message });
  }

  /**
   * Who is sent what of a message to all. Who does not read what was sent before gets no more of what can be asked for
   * again, and is told once that there is more.
   */
  receivers(message: ServerMessage, now: number): [connectionId: string, ServerMessage][] {
    const { epoch, rev } = this.state;
    const isRepeatable = message.type === 'change' || message.type === 'reaction';
    return this.members.flatMap(({ socket }): [string, ServerMessage][] => {
      if (socket.phase !== 'open' || !socket.isGreeted) return [];
      const verdict = isRepeatable ? this.readers.next(socket.connectionId, now) : 'send';
      if (verdict === 'hold') return [];
      return [[socket.connectionId, verdict === 'send' ? message : { type: 'current', epoch, rev }]];
    });
  }

  close(connectionId: string, code: number, reason: string): void {
    this.#effects.push({ type: 'close', connectionId, code, reason });
  }

  probe({ id: seatId, generation, sessions }: Seat, calledAt: number): void {
    const sfuIds = sessions.map((session) => session.sfuId);
    this.#effects.push({ type: 'probe', ref: { seatId, generation }, sfuIds, calledAt });
  }

  log(event: string, { id }: Seat, reason?: string): void {
    this.#effects.push({ type: 'log', event, participant: id, ...(reason && { reason }) });
  }

  /** Where the owner has set up a webhook. */
  tellOwner(happening: Happening): void {
    this.#effects.push({ type: 'webhook', event: { call: this.state.call.id ?? '', ...happening } });
  }

  #publish(change: RosterChange): void {
    this.state.rev += 1;
    this.history.add(change);
    const { epoch, rev } = this.state;
    this.broadcast({ type: 'change', epoch, rev, change });
  }
}

/** Who somebody is to the owner's backend. */
function toPerson({ id, sub }: Seat): WebhookParticipant {
  return { id, sub };
}

function toUsage({ startedAt = 0, peak, spentMs }: Call, now: number): CallUsage {
  const toSeconds = (ms: number) => Math.round(ms / 1000);
  return { seconds: toSeconds(now - startedAt), peakParticipants: peak, participantSeconds: toSeconds(spentMs) };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
