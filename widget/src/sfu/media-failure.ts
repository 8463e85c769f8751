import type { CallErrorCode } from '../call/errors.ts';
import { BrokerError } from '../call/ports.ts';

/** What to tell a person about a call to the SFU that failed for good. */
export function toCallErrorCode(failure: unknown): CallErrorCode {
  const status = failure instanceof BrokerError ? failure.status : undefined;
  const errorCode = isErrorBody(failure) ? failure.errorCode : '';
  if (errorCode === 'sfu_timeout' || status === 504) return 'sfu-timeout';
  if (errorCode === 'sfu_unreachable' || status === 0) return 'sfu-unreachable';
  return 'sfu-refused';
}

function isErrorBody(failure: unknown): failure is { errorCode: string } {
  return typeof failure === 'object' && failure !== null && 'errorCode' in failure;
}
