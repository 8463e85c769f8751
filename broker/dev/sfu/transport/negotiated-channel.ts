import type { DataChannel, PeerConnection } from 'node-datachannel';
import type { ChannelMessage, ChannelPolicy, RawChannel } from './raw-transport.ts';

/** A channel whose id both sides know, opened again on every connection its client makes. */
export class NegotiatedChannel implements RawChannel {
  onMessage: RawChannel['onMessage'] = () => {};
  onClose: RawChannel['onClose'] = () => {};

  readonly #id: number;
  readonly #policy: ChannelPolicy;
  #channel: DataChannel | undefined;
  #isClosed = false;

  constructor(id: number, policy: ChannelPolicy) {
    this.#id = id;
    this.#policy = policy;
  }

  get state(): RawChannel['state'] {
    if (this.#isClosed) return 'closed';
    return this.#channel?.isOpen() ? 'open' : 'connecting';
  }

  /** Opens it on a connection, in place of an older one. */
  openOn(connection: PeerConnection): void {
    if (this.#isClosed) return;
    const { ordered, ...limits } = this.#policy;
    const channel = connection.createDataChannel('', {
      negotiated: true,
      id: this.#id,
      unordered: !ordered,
      ...limits,
    });
    this.#channel = channel;
    channel.onMessage((message) => {
      if (this.#channel === channel) this.onMessage(message instanceof ArrayBuffer ? Buffer.from(message) : message);
    });
    channel.onClosed(() => {
      if (this.#channel !== channel || this.#isClosed) return;
      this.close();
      this.onClose();
    });
  }

  /** The connection is gone; the next one may come. */
  detach(): void {
    const channel = this.#channel;
    this.#channel = undefined;
    channel?.close();
  }

  send(message: ChannelMessage): void {
    if (this.state !== 'open') return;
    try {
      if (typeof message === 'string') this.#channel?.sendMessage(message);
      else this.#channel?.sendMessageBinary(message);
    } catch {
      // It closes on another thread a moment before onClosed tells.
    }
  }

  close(): void {
    this.#isClosed = true;
    this.detach();
  }
}
