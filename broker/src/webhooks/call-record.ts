import type { CallUsage, WebhookEvent, WebhookParticipant } from '#protocol';

/** One call as it is billed: from the first participant to the last. Replaced whole, never changed. */
export interface CallRecord {
  id: string;
  room: string;
  startedAt: number;
  peak: number;
  /** Of those who have left. */
  participantMs: number;
  present: readonly Presence[];
}

type Presence = WebhookParticipant & { since: number };
/** An event without what all of them have. */
export type Happening = WebhookEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'id' | 'at' | 'room' | 'call'>
    : never
  : never;

/** A call that nobody has joined yet. */
export function newCall(id: string, room: string, startedAt: number): CallRecord {
  return { id, room, startedAt, peak: 0, participantMs: 0, present: [] };
}

/**
 * What has happened since `call` was last looked at, in the order in which a backend wants to hear it. `here` is
 * everybody in the room now, `reasons` why those left who are not.
 */
export function observe(
  call: CallRecord,
  here: readonly WebhookParticipant[],
  reasons: ReadonlyMap<string, string>,
  now: number,
): { call: CallRecord; happenings: Happening[]; isOver: boolean } {
  const left = call.present.filter(({ id }) => !here.some((participant) => participant.id === id));
  const joined = here.filter(({ id }) => !call.present.some((participant) => participant.id === id));
  const present = [
    ...call.present.filter((participant) => !left.includes(participant)),
    ...joined.map(({ id, sub }) => ({ id, sub, since: now })),
  ];
  const after: CallRecord = {
    ...call,
    peak: Math.max(call.peak, present.length),
    participantMs: call.participantMs + left.reduce((sum, { since }) => sum + now - since, 0),
    present,
  };
  const isOver = present.length === 0 && left.length > 0;
  const happenings: Happening[] = [
    ...(call.peak === 0 && joined.length > 0 ? [{ type: 'room.started' } as const] : []),
    ...joined.map(({ id, sub }) => ({ type: 'participant.joined', participant: { id, sub } }) as const),
    ...left.map(
      ({ id, sub }) =>
        ({ type: 'participant.left', participant: { id, sub }, reason: reasons.get(id) ?? 'lost' }) as const,
    ),
    ...(isOver ? [{ type: 'room.ended', usage: usageOf(after, now) } as const] : []),
  ];
  return { call: after, happenings, isOver };
}

function usageOf({ startedAt, peak, participantMs }: CallRecord, now: number): CallUsage {
  return { seconds: toSeconds(now - startedAt), peakParticipants: peak, participantSeconds: toSeconds(participantMs) };
}

function toSeconds(milliseconds: number): number {
  return Math.round(milliseconds / 1000);
}
