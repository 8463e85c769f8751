import { mutate } from '../session/mutation.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { trackRefusal } from './api-error.ts';
import { channelItem, failedChannel } from './channel-item.ts';
import { parseChannelUpdates } from './data-requests.ts';

/** `PUT /sessions/{id}/datachannels/update`: whether a subscriber's messages reach the publisher. */
export function updateDataChannels(session: SfuSession, body: unknown): Promise<object> {
  const requests = parseChannelUpdates(body);
  return mutate(session, { carriesOffer: false }, () => ({
    dataChannels: requests.map((request) => {
      const { sessionId, dataChannelName, canReply } = request;
      const channel = session.data.subscription(sessionId, dataChannelName);
      if (!channel) return failedChannel(request, trackRefusal.noChannel());
      if (canReply) channel.source.replier = channel;
      else if (channel.source.replier === channel) channel.source.replier = undefined;
      return { ...channelItem(channel), canReply };
    }),
  }));
}
