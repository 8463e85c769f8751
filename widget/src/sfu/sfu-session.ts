import type { IceServer, SessionDescription } from '#protocol';
import type { Clock, Unsubscribe } from '../call/ports.ts';
import { OperationQueue } from './operation-queue.ts';

/** `lost` may come back by itself; `failed` will not. */
export type TransportState = 'new' | 'connecting' | 'connected' | 'lost' | 'failed';

export type CreatePeerConnection = (configuration: RTCConfiguration) => RTCPeerConnection;

export interface SfuSessionOptions {
  createPeerConnection: CreatePeerConnection;
  /** Those known now. */
  iceServers: () => readonly IceServer[];
  clock: Clock;
  onTransport: () => void;
}

/** From the first description to `connected`; a browser alone would try on for up to half a minute. */
export const CONNECT_DEADLINE_MS = 15_000;
/** The same where a relay has become known, and another connection could use it. */
export const RELAY_DEADLINE_MS = 4_000;

/** One RTCPeerConnection and the SFU session at its other end. Knows how to exchange descriptions, not what for. */
export class SfuSession {
  /** The broker's handle of the session; empty before the SFU made one. */
  id = '';
  /** What names it in a join, where it was connected before. */
  prepared: string | undefined;
  readonly queue = new OperationQueue();
  readonly #options: SfuSessionOptions;
  readonly #clock: Clock;
  readonly #onTransport: () => void;
  #listening = new AbortController();
  #peer: RTCPeerConnection;
  #transport: TransportState = 'new';
  #wasConnected = false;
  /** It was made when these were known. */
  #iceServers: readonly IceServer[] = [];
  #stopDeadline: Unsubscribe | undefined;

  constructor(options: SfuSessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#onTransport = options.onTransport;
    this.#peer = this.#connect();
  }

  get peer(): RTCPeerConnection {
    return this.#peer;
  }

  get transport(): TransportState {
    return this.#transport;
  }

  /** It worked once; what breaks later is not the network's refusal. */
  get wasConnected(): boolean {
    return this.#wasConnected;
  }

  /**
   * Another connection could use a relay, and this one knows of none. It is not told: browsers gather no more for it, and
   * begin ICE anew with its next offer, which the SFU has no use for.
   */
  get lacksRelay(): boolean {
    return hasRelay(this.#options.iceServers()) && !hasRelay(this.#iceServers);
  }

  /** True once a description of the other side was applied. */
  get isNegotiated(): boolean {
    return this.#peer.remoteDescription !== null;
  }

  /** Offers data channels alone: their section is the first, which carries the transport, and is never stopped. */
  anchor(): Promise<SessionDescription> {
    this.#peer.createDataChannel('anchor');
    return this.offer();
  }

  /**
   * Makes and sets the local offer. It goes out without candidates: the SFU is ICE-lite and learns the client's address
   * from its checks.
   */
  async offer(): Promise<SessionDescription> {
    await this.#peer.setLocalDescription();
    return this.#localDescription();
  }

  async accept(answer: SessionDescription): Promise<void> {
    await this.#peer.setRemoteDescription(answer);
    this.#awaitConnection();
  }

  /** The answer to an offer of the SFU's; it must reach the SFU before anything else happens to the session. */
  async answer(offer: SessionDescription): Promise<SessionDescription> {
    await this.#peer.setRemoteDescription(offer);
    await this.#peer.setLocalDescription();
    this.#awaitConnection();
    return this.#localDescription();
  }

  /** Takes back an offer that was not answered. */
  async rollback(): Promise<void> {
    if (this.#peer.signalingState === 'have-local-offer') await this.#peer.setLocalDescription({ type: 'rollback' });
  }

  /** Begins again with a connection that has no sections: to answer an SFU that would not answer. */
  renewPeer(): void {
    // The answer came after the end: another connection would be nobody's.
    if (this.queue.signal.aborted) return;
    this.#listening.abort();
    this.#peer.close();
    this.#peer = this.#connect();
  }

  close(): void {
    this.queue.close();
    this.#listening.abort();
    this.#stopDeadline?.();
    this.#peer.close();
  }

  #connect(): RTCPeerConnection {
    this.#iceServers = this.#options.iceServers();
    const peer = this.#options.createPeerConnection({
      iceServers: [...this.#iceServers],
      bundlePolicy: 'max-bundle',
    });
    this.#listening = new AbortController();
    peer.addEventListener('connectionstatechange', () => this.#readTransport(), { signal: this.#listening.signal });
    return peer;
  }

  #localDescription(): SessionDescription {
    const { localDescription } = this.#peer;
    if (localDescription?.type !== 'offer' && localDescription?.type !== 'answer')
      throw new Error('the connection has no local description');
    return { type: localDescription.type, sdp: localDescription.sdp };
  }

  #awaitConnection(): void {
    if (this.#transport !== 'new') return;
    this.#setTransport('connecting');
    const patience = this.lacksRelay ? RELAY_DEADLINE_MS : CONNECT_DEADLINE_MS;
    this.#stopDeadline = this.#clock.setTimeout(() => {
      if (this.#transport === 'connecting') this.#setTransport('failed');
    }, patience);
    this.#readTransport();
  }

  #readTransport(): void {
    switch (this.#peer.connectionState) {
      case 'connected':
        return this.#setTransport('connected');
      case 'disconnected':
        return this.#setTransport('lost');
      // `closed` by itself: the other side ended DTLS, and the SFU will not take this connection up again.
      case 'failed':
      case 'closed':
        return this.#setTransport('failed');
      case 'new':
      case 'connecting':
    }
  }

  #setTransport(transport: TransportState): void {
    if (transport === this.#transport || this.#transport === 'failed') return;
    this.#transport = transport;
    this.#wasConnected ||= transport === 'connected';
    if (transport !== 'connecting') this.#stopDeadline?.();
    this.#onTransport();
  }
}

/** Is there a TURN server among them? */
export function hasRelay(iceServers: readonly IceServer[]): boolean {
  return iceServers.some(({ urls }) => urls.some((url) => url.startsWith('turn')));
}
