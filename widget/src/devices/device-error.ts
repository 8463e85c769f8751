import { CallError, type CallErrorCode } from '../call/errors.ts';

/** By error name: the messages differ from browser to browser. */
const CODES: Readonly<Record<string, CallErrorCode>> = {
  NotAllowedError: 'device-denied',
  SecurityError: 'device-denied',
  NotFoundError: 'device-missing',
  OverconstrainedError: 'device-missing',
  NotReadableError: 'device-busy',
};

/** What a failed capture means to a person. */
export function toDeviceError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new CallError(CODES[name] ?? 'device-failed', `${name}: ${message}`, { cause: error });
}
