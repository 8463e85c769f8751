import type { Sights } from '../../call/reception.ts';

/** What the visitor can see has changed: a fact, for the choice of what to receive. */
export class SightsEvent extends Event {
  readonly sights: Sights;

  constructor(sights: Sights) {
    super('call-sights', { bubbles: true, composed: true });
    this.sights = sights;
  }
}

declare global {
  interface HTMLElementEventMap {
    'call-sights': SightsEvent;
  }
}
