import type { ChannelPolicy, RawTransport } from '../transport/raw-transport.ts';
import { DataPublication } from './data-publication.ts';
import { DataSubscription, type DataSubscriptionOptions } from './data-subscription.ts';

/** The client is the DTLS client, so channels that it opens by itself have even ids (RFC 8832); these never meet them. */
const FIRST_ID = 1;
const ID_STEP = 2;
/** What the engine negotiates, less the id it keeps for itself. */
const ID_MAX = 1021;

/** The data channels of one client. An id is never used twice, so what the client still holds of a closed one harms nobody. */
export class DataEndpoint {
  readonly #sessionId: string;
  readonly #transport: RawTransport;
  readonly #channels: (DataPublication | DataSubscription)[] = [];
  #nextId = FIRST_ID;

  constructor(sessionId: string, transport: RawTransport) {
    this.#sessionId = sessionId;
    this.#transport = transport;
  }

  /** Also those that ended without a word of the API's. */
  get channels(): readonly (DataPublication | DataSubscription)[] {
    return this.#channels;
  }

  get isFull(): boolean {
    return this.#nextId > ID_MAX;
  }

  publication(name: string): DataPublication | undefined {
    return this.#channels.find((one): one is DataPublication => one.location === 'local' && one.name === name);
  }

  /** The newest, where the client pulled the channel more than once. */
  subscription(sessionId: string, name: string): DataSubscription | undefined {
    return this.#channels.findLast(
      (one): one is DataSubscription =>
        one.location === 'remote' && one.sessionId === sessionId && one.name === name && one.status !== 'inactive',
    );
  }

  publish(name: string, policy: ChannelPolicy): DataPublication {
    const id = this.#takeId();
    const channel = this.#transport.openChannel(id, policy);
    return this.#keep(new DataPublication(channel, { sessionId: this.#sessionId, name, id, policy }));
  }

  subscribe(source: DataPublication, options: Omit<DataSubscriptionOptions, 'id'>): DataSubscription {
    const id = this.#takeId();
    const channel = this.#transport.openChannel(id, source.policy);
    return this.#keep(new DataSubscription(channel, source, { ...options, id }));
  }

  /** Ends a channel and forgets it; returns it, or undefined where there is none of that id. */
  close(id: number): DataPublication | DataSubscription | undefined {
    const index = this.#channels.findIndex((channel) => channel.id === id);
    if (index < 0) return undefined;
    const [channel] = this.#channels.splice(index, 1);
    channel!.close();
    return channel;
  }

  closeAll(): void {
    for (const channel of this.#channels.splice(0)) channel.close();
  }

  #keep<T extends DataPublication | DataSubscription>(channel: T): T {
    this.#channels.push(channel);
    return channel;
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId += ID_STEP;
    return id;
  }
}
