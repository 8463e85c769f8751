/** The browser began or stopped to hold sound back: a fact, for the state. */
export class SoundBlockedEvent extends Event {
  static readonly eventName = 'call-sound-blocked';
  readonly blocked: boolean;

  constructor(blocked: boolean) {
    super(SoundBlockedEvent.eventName, { bubbles: true, composed: true });
    this.blocked = blocked;
  }
}

declare global {
  interface HTMLElementEventMap {
    'call-sound-blocked': SoundBlockedEvent;
  }
}
