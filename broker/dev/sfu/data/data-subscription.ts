import type { ChannelMessage, RawChannel } from '../transport/raw-transport.ts';
import { channelStatus, type ChannelStatus } from './channel-status.ts';
import type { DataPublication } from './data-publication.ts';

export interface DataSubscriptionOptions {
  id: number;
  /** Hold everything back until the client's first message, which is taken for its acknowledgement. */
  waitForAck: boolean;
  ackWaitMs: number;
}

/** A data channel through which a client gets another session's publication. */
export class DataSubscription {
  readonly location = 'remote';
  readonly source: DataPublication;
  readonly id: number;

  readonly #channel: RawChannel;
  /** Runs while the acknowledgement is awaited. */
  #ackDeadline: NodeJS.Timeout | undefined;

  constructor(channel: RawChannel, source: DataPublication, options: DataSubscriptionOptions) {
    this.source = source;
    this.id = options.id;
    this.#channel = channel;
    source.subscriptions.add(this);
    channel.onMessage = (message) => this.#receive(message);
    channel.onClose = () => this.close();
    if (options.waitForAck) this.#ackDeadline = setTimeout(() => this.close(), options.ackWaitMs).unref();
  }

  get name(): string {
    return this.source.name;
  }

  get sessionId(): string {
    return this.source.sessionId;
  }

  get status(): ChannelStatus {
    return channelStatus(this.#channel);
  }

  /** What comes before the client is there to hear it is lost: `waitForAck` is the API's cure for that. */
  deliver(message: ChannelMessage): void {
    if (!this.#ackDeadline) this.#channel.send(message);
  }

  close(): void {
    this.#stopWaiting();
    this.source.subscriptions.delete(this);
    if (this.source.replier === this) this.source.replier = undefined;
    this.#channel.close();
  }

  #receive(message: ChannelMessage): void {
    if (this.#ackDeadline) this.#stopWaiting();
    else this.source.reply(this, message);
  }

  #stopWaiting(): void {
    clearTimeout(this.#ackDeadline);
    this.#ackDeadline = undefined;
  }
}
