import type { DataPublication } from '../data/data-publication.ts';
import type { DataSubscription } from '../data/data-subscription.ts';
import { mutate } from '../session/mutation.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import type { ChannelPolicy } from '../transport/raw-transport.ts';
import { refusal, trackRefusal } from './api-error.ts';
import { channelItem, failedChannel } from './channel-item.ts';
import { parseChannels, type ChannelRequest } from './data-requests.ts';

/** `POST /sessions/{id}/datachannels/new`: publishes channels of the session's own, or pulls others'. No SDP. */
export function newDataChannels(sessions: SessionRegistry, session: SfuSession, body: unknown): Promise<object> {
  const requests = parseChannels(body);
  if (new Set(requests.map(({ location }) => location)).size > 1)
    throw refusal.invalid('Local and remote data channels in one call are not supported');
  return mutate(session, { carriesOffer: false }, () => {
    if (!session.hasData) throw refusal.invalid('The session has no section for data channels yet');
    return { dataChannels: requests.map((request) => open(sessions, session, request)) };
  });
}

function open(sessions: SessionRegistry, session: SfuSession, request: ChannelRequest): object {
  try {
    if (session.data.isFull) throw trackRefusal.exhausted();
    const channel = request.location === 'local' ? publish(session, request) : pull(sessions, session, request);
    return { ...channelItem(channel), ...(request.canReply !== undefined && { canReply: request.canReply }) };
  } catch (error) {
    return failedChannel(request, error);
  }
}

function publish({ data }: SfuSession, { dataChannelName, policy }: ChannelRequest): DataPublication {
  // Also one that has ended counts, until it is closed by a call.
  if (data.publication(dataChannelName)) throw trackRefusal.repeated(dataChannelName);
  return data.publish(dataChannelName, policy);
}

function pull(sessions: SessionRegistry, session: SfuSession, request: ChannelRequest): DataSubscription {
  const { sessionId = '', dataChannelName, policy, waitForAck, canReply } = request;
  const owner = sessions.find(sessionId);
  const source = owner?.data.publication(dataChannelName);
  if (!owner?.connected || !source || source.status === 'inactive') throw trackRefusal.noChannel();
  if (!isSame(source.policy, policy)) throw trackRefusal.invalid("The delivery policy is not the publisher's");
  const subscription = session.data.subscribe(source, { waitForAck, ackWaitMs: sessions.timings.ackWaitMs });
  if (canReply) source.replier = subscription;
  return subscription;
}

function isSame(a: ChannelPolicy, b: ChannelPolicy): boolean {
  return (
    a.ordered === b.ordered && a.maxRetransmits === b.maxRetransmits && a.maxPacketLifeTime === b.maxPacketLifeTime
  );
}
