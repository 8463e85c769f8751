import { parseObject, parseString } from './parse.ts';

/** Refusals of the broker itself; the SFU's own codes pass through beside them. PROTOCOL.md, rules ER1 to ER4. */
export const BrokerErrorStatus = {
  decoding_error: 400,
  unauthorized: 401,
  forbidden: 403,
  /** In the waiting room: nothing may be done before a moderator admits. */
  waiting: 403,
  /** The minutes that the token allows are over. */
  time_over: 403,
  not_found: 404,
  method_not_allowed: 405,
  /** As the SFU says it: make a new session. */
  session_error: 410,
  payload_too_large: 413,
  room_full: 423,
  room_locked: 423,
  client_too_old: 426,
  rate_limited: 429,
  internal_error: 500,
  /** All keys are public ones: only their owner can sign. */
  cannot_sign: 501,
  sfu_error: 502,
  sfu_unreachable: 502,
  misconfigured: 503,
  sfu_timeout: 504,
} as const satisfies Record<string, number>;
export type BrokerErrorCode = keyof typeof BrokerErrorStatus;

/** The one shape of every error body, the same as the SFU's. */
export interface ErrorBody {
  errorCode: string;
  errorDescription: string;
}

export const parseErrorBody = parseObject<ErrorBody>({
  errorCode: parseString(4096),
  errorDescription: (value) => (typeof value === 'string' ? value : ''),
});
