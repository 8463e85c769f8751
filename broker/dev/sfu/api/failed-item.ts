import type { TrackResult } from '#protocol';
import { TrackError } from './api-error.ts';
import type { TrackRequest } from './requests.ts';

/** A failed item. Its mid is empty, not missing: so the real service answers. */
export function failedItem(track: TrackRequest, error: unknown): TrackResult {
  if (!(error instanceof TrackError)) throw error;
  const { trackName, sessionId } = track;
  const name = sessionId === undefined ? { trackName } : { sessionId, trackName };
  return { mid: '', ...name, errorCode: error.code, errorDescription: error.message };
}
