import type { ChannelMessage, ChannelPolicy, RawChannel } from '../transport/raw-transport.ts';
import { channelStatus, type ChannelStatus } from './channel-status.ts';
import type { DataSubscription } from './data-subscription.ts';

export interface DataPublicationOptions {
  /** Of the session it belongs to. */
  sessionId: string;
  name: string;
  id: number;
  policy: ChannelPolicy;
}

/** A named data channel that a session publishes: what its client sends goes to every subscriber. */
export class DataPublication {
  readonly location = 'local';
  readonly sessionId: string;
  readonly name: string;
  readonly id: number;
  readonly policy: ChannelPolicy;
  readonly subscriptions = new Set<DataSubscription>();
  /** The one subscriber whose messages reach the publisher: the one that was granted it last. */
  replier: DataSubscription | undefined;

  readonly #channel: RawChannel;

  constructor(channel: RawChannel, options: DataPublicationOptions) {
    this.sessionId = options.sessionId;
    this.name = options.name;
    this.id = options.id;
    this.policy = options.policy;
    this.#channel = channel;
    channel.onMessage = (message) => {
      for (const subscription of this.subscriptions) subscription.deliver(message);
    };
    channel.onClose = () => this.close();
  }

  get status(): ChannelStatus {
    return channelStatus(this.#channel);
  }

  /** Passes a subscriber's message on where it may reply. */
  reply(from: DataSubscription, message: ChannelMessage): void {
    if (from === this.replier) this.#channel.send(message);
  }

  /** Ends it for everyone who gets it. */
  close(): void {
    this.#channel.close();
    for (const subscription of this.subscriptions) subscription.close();
  }
}
