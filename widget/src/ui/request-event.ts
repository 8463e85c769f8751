import type { CallRequest } from '../call/request.ts';

/** A control asks for something. Composed and cancelable: the page may veto what a person asks. */
export class CallRequestEvent extends Event {
  static readonly eventName = 'call-request';
  readonly request: CallRequest;

  constructor(request: CallRequest) {
    super(CallRequestEvent.eventName, { bubbles: true, composed: true, cancelable: true });
    this.request = request;
  }
}

declare global {
  interface HTMLElementEventMap {
    'call-request': CallRequestEvent;
  }
}
