import type { CallErrorCode } from './errors.ts';

/** Errors that can pass by themselves. The others need another token, another tag, another browser or the operator. */
const PASSING: ReadonlySet<CallErrorCode> = new Set([
  'token-early',
  'token-url-failed',
  'token-url-timeout',
  'broker-unreachable',
  'broker-failed',
  'room-full',
  'room-locked',
  'rate-limited',
  'sfu-refused',
  'sfu-unreachable',
  'sfu-timeout',
  'media-unreachable',
]);

/** Can trying again help? */
export function mayRetry(error: CallErrorCode): boolean {
  return PASSING.has(error);
}
