import { CallError, CallErrorCode } from '../call/errors.ts';

/** By error name: the messages differ from browser to browser. */
const CODES: Readonly<Record<string, CallErrorCode>> = {
  NotAllowedError: CallErrorCode.deviceDenied,
  SecurityError: CallErrorCode.deviceDenied,
  NotFoundError: CallErrorCode.deviceMissing,
  OverconstrainedError: CallErrorCode.deviceMissing,
  NotReadableError: CallErrorCode.deviceBusy,
};

/** What a failed capture means to a person. */
export function toDeviceError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new CallError(CODES[name] ?? CallErrorCode.deviceFailed, `${name}: ${message}`, { cause: error });
}

/** True where a named device is not there, or not as asked for: the default may do. */
export function isDeviceGone(error: unknown): boolean {
  return error instanceof Error && (error.name === 'OverconstrainedError' || error.name === 'NotFoundError');
}

/** True where another capture may be in the way, even one of our own. */
export function isDeviceBusy(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotReadableError';
}
