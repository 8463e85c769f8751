/** What the owner's backend is told of a call. PROTOCOL.md, rules WH1 to WH8. */
export type WebhookEvent = {
  /** Stays the same however often the event is sent: what has been seen is known by it. Also the header `webhook-id`. */
  id: string;
  /** Milliseconds since the epoch, when it happened. */
  at: number;
  room: string;
  /** One call, from the first participant to the last. */
  call: string;
} & (
  | { type: 'room.started' }
  | { type: 'room.ended'; usage: CallUsage }
  | { type: 'participant.joined'; participant: WebhookParticipant }
  | { type: 'participant.left'; participant: WebhookParticipant; reason: string }
);

export interface CallUsage {
  /** From the first join to the last leave. */
  seconds: number;
  peakParticipants: number;
  /** The time of all participants together. */
  participantSeconds: number;
}

/** Who it is about: the id in the roster, and the `sub` of the token. */
export interface WebhookParticipant {
  id: string;
  sub: string;
}
