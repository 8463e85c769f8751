import type { Participant, RosterChange, RosterSnapshot, ServerMessage } from '#protocol';

/** A server message that tells about the roster. */
export type RosterMessage = Extract<ServerMessage, { type: 'roster' | 'current' | 'change' }>;

export type RosterUpdate =
  | { type: 'updated'; roster: RosterSnapshot }
  | { type: 'unchanged' }
  /** A revision is missing: nothing may be applied before a whole roster came. */
  | { type: 'gap' };

const UNCHANGED: RosterUpdate = { type: 'unchanged' };
const GAP: RosterUpdate = { type: 'gap' };

/** The roster after a message. Repeated and overtaken messages change nothing. */
export function updateRoster(roster: RosterSnapshot, message: RosterMessage): RosterUpdate {
  const sameRoom = message.epoch === roster.epoch;
  switch (message.type) {
    case 'roster': {
      if (sameRoom && message.rev < roster.rev) return UNCHANGED;
      const { epoch, rev, participants } = message;
      return { type: 'updated', roster: { epoch, rev, participants } };
    }
    case 'current':
      return sameRoom && message.rev <= roster.rev ? UNCHANGED : GAP;
    case 'change': {
      if (!sameRoom || message.rev > roster.rev + 1) return GAP;
      if (message.rev <= roster.rev) return UNCHANGED;
      const participants = applyChange(roster.participants, message.change);
      return { type: 'updated', roster: { epoch: roster.epoch, rev: message.rev, participants } };
    }
  }
}

/** A participant keeps the place in the order of arrival. */
function applyChange(participants: readonly Participant[], change: RosterChange): readonly Participant[] {
  if (change.type === 'gone') return participants.filter(({ id }) => id !== change.id);
  const { participant } = change;
  return participants.some(({ id }) => id === participant.id)
    ? participants.map((known) => (known.id === participant.id ? participant : known))
    : [...participants, participant];
}
