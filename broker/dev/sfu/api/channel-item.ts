import type { DataPublication } from '../data/data-publication.ts';
import type { DataSubscription } from '../data/data-subscription.ts';
import { TrackError } from './api-error.ts';

/** A data channel as every answer names it. */
export function channelItem({ location, sessionId, name, id }: DataPublication | DataSubscription): object {
  return { ...channelName({ location, sessionId, dataChannelName: name }), id };
}

/** A data channel that a request named and that failed. */
export function failedChannel(channel: Parameters<typeof channelName>[0], error: unknown): object {
  if (!(error instanceof TrackError)) throw error;
  return { ...channelName(channel), errorCode: error.code, errorDescription: error.message };
}

/** A channel of the caller's own is named without a session. */
function channelName(channel: { location: 'local' | 'remote'; sessionId?: string; dataChannelName: string }): object {
  const { location, sessionId, dataChannelName } = channel;
  return location === 'local' ? { location, dataChannelName } : { location, sessionId, dataChannelName };
}
