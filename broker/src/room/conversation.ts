import { CHAT_RING_MAX, compact, type ChatMessage, type ClientMessage, type WatchedLayer } from '#protocol';
import { deny, type Denied } from '../refusal.ts';
import { setNewest } from './newest.ts';
import type { Room } from './room.ts';
import { isListening, type Seat } from './seat.ts';

type Spoken = Extract<ClientMessage, { type: 'chat' | 'react' }>;

/** What somebody says to the others in writing. Who says it is known from the seat. */
export function converse(room: Room, self: Seat, message: Spoken, now: number): Denied | void {
  if (!self.grants.chat) return deny('forbidden', 'Chat is not granted');
  if (message.type === 'chat') return chat(room, self, message, now);
  if (!room.limits.reactions.take(self.sub, now)) return deny('rate_limited');
  return room.broadcast({ type: 'reaction', from: self.id, emoji: message.emoji });
}

/** Up or down; two that go up at the same moment still go up one after the other. */
export function raiseHand(room: Room, seat: Seat, isRaised: boolean, now: number): void {
  const { hand, ...lowered } = seat;
  if (!isRaised) return room.put(lowered);
  const last = Math.max(0, ...room.members.map((other) => other.hand ?? 0));
  return room.put({ ...seat, hand: hand ?? Math.max(now, last + 1) });
}

/** Tells publishers which of their layers somebody watches. Kept nowhere: what is not known is sent whole. */
export function relayLayers(room: Room, self: Seat, layers: readonly WatchedLayer[]): void {
  for (const { id, rid } of layers) {
    const publisher = room.state.seats.get(id);
    if (publisher) room.tell(publisher, { type: 'layers', from: self.id, rid });
  }
}

/** What a member may read of what is kept, after the message `seq`. */
export function missedChat({ state }: Room, { id, chatFrom }: Seat, seq: number): ChatMessage[] {
  const isFor = ({ from, to }: ChatMessage) => to === undefined || to === id || from === id;
  return [...state.chat.values()].filter((message) => message.seq > Math.max(seq, chatFrom) && isFor(message));
}

/** From where on somebody new may read: the last `history` messages to all. */
export function firstReadable({ chat }: Room['state'], history: number): number {
  const sequence = [...chat.values()];
  const toAll = sequence.filter(({ to }) => to === undefined);
  const before = history > 0 ? toAll.at(-history - 1) : sequence.at(-1);
  return before?.seq ?? 0;
}

function chat(room: Room, self: Seat, message: Spoken & { type: 'chat' }, now: number): Denied | void {
  const { key, text, to } = message;
  const kept = room.state.chat;
  const known = [...kept.values()].find((other) => other.from === self.id && other.key === key);
  if (known) return room.tell(self, { type: 'chat', ...known });
  if (!room.limits.chat.take(self.sub, now)) return deny('rate_limited');
  const receiver = to === undefined ? undefined : room.state.seats.get(to);
  if (to !== undefined && !receiver) return deny('not_found', 'Nobody has this id');

  const last = [...kept.values()].at(-1)?.seq ?? 0;
  const said: ChatMessage = compact({ seq: Math.max(now, last + 1), key, from: self.id, text, sentAt: now, to });
  setNewest(kept, String(said.seq), said, CHAT_RING_MAX);
  if (!receiver) return room.broadcast({ type: 'chat', ...said });
  for (const seat of new Set([self, receiver]))
    if (seat === self || isListening(seat)) room.tell(seat, { type: 'chat', ...said });
}
