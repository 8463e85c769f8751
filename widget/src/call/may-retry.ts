import { CallErrorCode } from './errors.ts';

/** Errors that can pass by themselves. The others need another token, another tag, another browser or the operator. */
const PASSING: ReadonlySet<CallErrorCode> = new Set([
  CallErrorCode.tokenEarly,
  CallErrorCode.tokenUrlFailed,
  CallErrorCode.tokenUrlTimeout,
  CallErrorCode.brokerUnreachable,
  CallErrorCode.brokerFailed,
  CallErrorCode.roomFull,
  CallErrorCode.rateLimited,
  CallErrorCode.sfuRefused,
  CallErrorCode.sfuUnreachable,
  CallErrorCode.sfuTimeout,
  CallErrorCode.mediaUnreachable,
]);

/** Can trying again help? */
export function mayRetry(error: CallErrorCode): boolean {
  return PASSING.has(error);
}
