/** The browser began or stopped to hold sound back: a fact, for the state. */
export class SoundBlockedEvent extends Event {
  readonly blocked: boolean;

  constructor(blocked: boolean) {
    super('call-sound-blocked', { bubbles: true, composed: true });
    this.blocked = blocked;
  }
}

declare global {
  interface HTMLElementEventMap {
    'call-sound-blocked': SoundBlockedEvent;
  }
}
