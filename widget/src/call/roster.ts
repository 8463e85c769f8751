import { compact, type Participant, type RosterChange, type RosterSnapshot, type ServerMessage } from '#protocol';

/** A server message that tells about the roster. */
export type RosterMessage = Extract<ServerMessage, { type: 'roster' | 'current' | 'change' }>;

export function isRosterMessage(message: ServerMessage): message is RosterMessage {
  return message.type === 'roster' || message.type === 'current' || message.type === 'change';
}

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
      const { type: _, ...whole } = message;
      return { type: 'updated', roster: whole };
    }
    case 'current':
      return sameRoom && message.rev <= roster.rev ? UNCHANGED : GAP;
    case 'change': {
      if (!sameRoom || message.rev > roster.rev + 1) return GAP;
      if (message.rev <= roster.rev) return UNCHANGED;
      return { type: 'updated', roster: applyChange(roster, message.rev, message.change) };
    }
  }
}

function applyChange(roster: RosterSnapshot, rev: number, change: RosterChange): RosterSnapshot {
  const { epoch, participants } = roster;
  const { locked, endsAt } = change.type === 'room' ? change : roster;
  const next = compact({ epoch, rev, locked, endsAt });
  switch (change.type) {
    case 'put':
      return { ...next, participants: put(participants, change.participant) };
    case 'gone':
      return { ...next, participants: participants.filter(({ id }) => id !== change.id) };
    case 'room':
      return { ...next, participants };
  }
}

/** A participant keeps the place in the order of arrival. */
function put(participants: readonly Participant[], participant: Participant): readonly Participant[] {
  return participants.some(({ id }) => id === participant.id)
    ? participants.map((known) => (known.id === participant.id ? participant : known))
    : [...participants, participant];
}
