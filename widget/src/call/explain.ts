import type { JoinMedia } from '#protocol';
import { CallError, type CallErrorCode } from './errors.ts';
import { BrokerError } from './ports.ts';

/** What the broker's refusals mean to a person, where it is not said in the same words. */
const MEANING: Readonly<Record<string, CallErrorCode>> = {
  unauthorized: 'token-refused',
  forbidden: 'not-allowed',
  misconfigured: 'broker-misconfigured',
  sfu_error: 'sfu-refused',
};
const SAME_WORDS: readonly CallErrorCode[] = [
  'room-full',
  'room-locked',
  'time-over',
  'client-too-old',
  'rate-limited',
  'sfu-unreachable',
  'sfu-timeout',
];

function meaningOf(errorCode: string, otherwise: CallErrorCode): CallErrorCode {
  const same = SAME_WORDS.find((code) => code === errorCode.replaceAll('_', '-'));
  return same ?? (Object.hasOwn(MEANING, errorCode) ? MEANING[errorCode] : undefined) ?? otherwise;
}

/** Whatever was thrown on the way into a call, as an error a person can be told about; `otherwise` is what else it is. */
export function explain(error: unknown, otherwise: CallErrorCode = 'sfu-refused'): CallError {
  if (error instanceof CallError) return error;
  const { message } = error instanceof Error ? error : new Error(String(error));
  return new CallError(codeOf(error, otherwise), message, { cause: error });
}

function codeOf(error: unknown, otherwise: CallErrorCode): CallErrorCode {
  if (!(error instanceof BrokerError)) return otherwise;
  return error.status === 0 ? 'broker-unreachable' : meaningOf(error.errorCode, otherwise);
}

/** Why a media session of a join cannot be used as a whole; undefined where it can, or was not asked for. */
export function mediaError(media: JoinMedia | undefined): CallError | undefined {
  if (!media || !('errorCode' in media)) return undefined;
  return new CallError(meaningOf(media.errorCode, 'sfu-refused'), media.errorDescription || media.errorCode);
}

/** The same for what I publish, where one refused track is a dead microphone that would look alive. */
export function publishError(media: JoinMedia | undefined): CallError | undefined {
  if (!media || 'errorCode' in media) return mediaError(media);
  const refused = media.tracks.find((track) => track.errorCode !== undefined);
  return refused && new CallError('sfu-refused', refused.errorDescription || refused.errorCode);
}
