import type { IceServer, JoinMedia } from '#protocol';
import type { Clock, SfuApi } from '../call/ports.ts';
import { FencedApi } from './fenced-api.ts';
import type { Leg } from './media-path.ts';
import { SfuSession, type CreatePeerConnection } from './sfu-session.ts';

export interface ConnectionsOptions {
  createPeerConnection: CreatePeerConnection;
  clock: Clock;
  iceServers: () => readonly IceServer[];
  onTransport: (session: SfuSession) => void;
}

/** Opens the connections of one call, and ends them together with what they hold at the SFU. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #fences = new WeakMap<SfuSession, FencedApi>();
  readonly #closing = new Set<Leg>();
  /** Unknown before the join. */
  #api: SfuApi | undefined;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  open(): SfuSession {
    const session: SfuSession = new SfuSession({
      ...this.#options,
      onTransport: () => this.#options.onTransport(session),
    });
    return session;
  }

  /** Joined. */
  begin(api: SfuApi): void {
    this.#api = api;
  }

  /** The SFU's calls for one session. */
  callsFor(session: SfuSession, joined?: JoinMedia): SfuApi {
    if (!this.#api) throw new Error('the SFU is called after the join');
    const fence = new FencedApi(this.#api, joined);
    this.#fences.set(session, fence);
    return fence;
  }

  /** Nobody uses it any more. One that worked is first closed at the SFU, which would otherwise go on to send for a while. */
  async discard(leg: Leg, hasWorked: boolean): Promise<void> {
    const retired = this.#fences.get(leg.session)?.retire();
    if (hasWorked) {
      this.#closing.add(leg);
      await retired;
      this.#closing.delete(leg);
    }
    leg.close();
  }

  close(): void {
    for (const leg of this.#closing) leg.close();
  }
}
