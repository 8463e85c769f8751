import type { ChatMessage, Grants, RoomStatus, RoomTokenClaims, ServerMessage, WebhookEvent } from '#protocol';
import type { Outgoing } from '../webhooks/outbox.ts';
import type { Closing } from './closings.ts';
import type { Denial } from './denials.ts';
import type { Seat } from './seat.ts';

/** All that a room is between two events. Values in its maps are replaced whole, never changed. */
export interface RoomState {
  /** Random, new with each life of the room. */
  epoch: string;
  rev: number;
  call: Call;
  /** By participant id, in order of arrival. */
  seats: Map<string, Seat>;
  /** Who has to be admitted first. Nothing that looks for a seat looks here unless it says so. */
  waiting: Map<string, Seat>;
  /** Grants that a moderator has changed, by `sub`. */
  granted: Map<string, Grants>;
  /** The last messages, by `seq`. */
  chat: Map<string, ChatMessage>;
  closings: Map<string, Closing>;
  denials: Map<string, Denial>;
  /** What the owner's backend is still to be told. */
  events: Map<string, Outgoing>;
}

/** A call lasts from the first seat to the last. */
export interface Call extends RoomStatus {
  /** Of this call alone, as is the time in milliseconds since the epoch; both absent before anybody has a seat. */
  id?: string;
  startedAt?: number;
  /** As many have been here at a time. */
  peak: number;
  /** The time of all who have left. */
  spentMs: number;
}

export const NO_CALL: Call = { locked: false, peak: 0, spentMs: 0 };

/** A seat at one moment; work done for it later is void if its generation has moved on. */
export interface SeatRef {
  seatId: string;
  generation: number;
}

/** By what somebody calls: the secret of a seat, or a room token, whose `sub` has a seat or may take one. */
export type Bearer = { type: 'member'; secretHash: string } | { type: 'token'; claims: RoomTokenClaims };

/** What has happened in a call, as the owner's backend is told of it. */
export type Happening<E = WebhookEvent> = E extends WebhookEvent ? Omit<E, 'id' | 'at' | 'room' | 'call'> : never;

/** What an event makes the room do, in order. Sending to a socket that is gone does nothing. */
export type Effect =
  | { type: 'send'; connectionId: string; message: ServerMessage }
  /** To all who have a seat; not to those who wait. */
  | { type: 'broadcast'; message: ServerMessage }
  | { type: 'close'; connectionId: string; code: number; reason: string }
  | { type: 'probe'; ref: SeatRef; sfuIds: string[]; calledAt: number }
  | { type: 'webhook'; event: Happening & { call: string } }
  | { type: 'log'; event: string; participant: string; reason?: string };

export function newRoomState(epoch: string): RoomState {
  const maps = { seats: new Map(), waiting: new Map(), granted: new Map(), chat: new Map() };
  return { epoch, rev: 0, call: NO_CALL, ...maps, closings: new Map(), denials: new Map(), events: new Map() };
}
