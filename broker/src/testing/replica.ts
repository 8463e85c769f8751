import type { Participant, RosterSnapshot, ServerMessage } from '#protocol';

/** What a client makes of what it is sent: the protocol's rules for a roster, and nothing more. */
export class Replica {
  epoch = '';
  rev = 0;
  locked = false;
  participants: readonly Participant[] = [];
  /** `seq` of the chat messages that have come. */
  readonly chat = new Set<number>();
  #isAsking = false;

  start({ epoch, rev, locked, participants }: RosterSnapshot): void {
    if (epoch !== this.epoch) this.chat.clear();
    Object.assign(this, { epoch, rev, locked, participants });
    this.#isAsking = false;
  }

  /** `gap`: something is missing, and the client has to say hello. It says so once. */
  read(message: ServerMessage): 'read' | 'gap' {
    switch (message.type) {
      case 'roster':
        if (message.epoch !== this.epoch || message.rev >= this.rev) this.start(message);
        return 'read';
      case 'current':
        this.#isAsking &&= message.rev > this.rev;
        return message.epoch === this.epoch && message.rev <= this.rev ? 'read' : this.#ask();
      case 'change': {
        const { epoch, rev, change } = message;
        if (epoch !== this.epoch || rev > this.rev + 1) return this.#ask();
        if (rev <= this.rev) return 'read';
        this.rev = rev;
        if (change.type === 'room') this.locked = change.locked;
        else {
          const id = change.type === 'put' ? change.participant.id : change.id;
          const isKnown = this.participants.some((participant) => participant.id === id);
          if (change.type === 'gone') this.participants = this.participants.filter((other) => other.id !== id);
          else if (!isKnown) this.participants = [...this.participants, change.participant];
          else this.participants = this.participants.map((other) => (other.id === id ? change.participant : other));
        }
        return 'read';
      }
      case 'chat':
        this.chat.add(message.seq);
        return 'read';
      default:
        return 'read';
    }
  }

  #ask(): 'read' | 'gap' {
    if (this.#isAsking) return 'read';
    this.#isAsking = true;
    return 'gap';
  }
}
