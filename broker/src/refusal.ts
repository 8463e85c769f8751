import { BrokerErrorStatus, type BrokerErrorCode, type ErrorBody } from '#protocol';

const DESCRIPTIONS: Readonly<Record<BrokerErrorCode, string>> = {
  decoding_error: 'The request could not be read',
  unauthorized: 'No valid room token or member secret',
  forbidden: 'Not granted',
  waiting: 'A moderator has to admit you first',
  time_over: 'The minutes that this token allows are over',
  not_found: 'Nothing here',
  method_not_allowed: 'This path has no such method',
  session_error: 'No such session of yours: make a new one',
  payload_too_large: 'The body is too large',
  room_full: 'The room is full',
  room_locked: 'The room is locked',
  client_too_old: 'This client is no longer accepted',
  rate_limited: 'Too many calls',
  internal_error: 'The broker failed',
  cannot_sign: 'The broker has no key that signs: mint the token yourself',
  sfu_error: 'The SFU gave an answer that could not be used',
  sfu_unreachable: 'The SFU could not be reached',
  misconfigured: 'The broker is not set up correctly; its log has the reason',
  sfu_timeout: 'The SFU did not answer in time',
};

/** A call that ends with an error body. All of it is shown to the caller; reasons go to the log instead. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.errorCode);
    this.name = 'Refusal';
    this.status = status;
    this.body = body;
  }
}

/** A refusal of the broker's own. */
export function refuse(errorCode: BrokerErrorCode, errorDescription = DESCRIPTIONS[errorCode]): Refusal {
  return new Refusal(BrokerErrorStatus[errorCode], { errorCode, errorDescription });
}

/** What pure code answers in place of throwing. */
export interface Denied {
  ok: false;
  errorCode: BrokerErrorCode;
  errorDescription?: string;
}

export function deny(errorCode: BrokerErrorCode, errorDescription = DESCRIPTIONS[errorCode]): Denied {
  return { ok: false, errorCode, errorDescription };
}

/** Returns what is allowed, or throws the refusal. */
export function allowed<T extends { ok: true } | Denied>(result: T): Extract<T, { ok: true }> {
  if (!result.ok) throw refuse(result.errorCode, result.errorDescription);
  return result as Extract<T, { ok: true }>;
}
