import type { CallRequest } from '../call/request.ts';

/** A control asks for something. Composed and cancelable: the page may veto what a person asks. */
export class CallRequestEvent extends Event {
  readonly request: CallRequest;

  constructor(request: CallRequest) {
    super('call-request', { bubbles: true, composed: true, cancelable: true });
    this.request = request;
  }
}

declare global {
  interface HTMLElementEventMap {
    'call-request': CallRequestEvent;
  }
}
