import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { refusal } from '../api/api-error.ts';
import { DataEndpoint } from '../data/data-endpoint.ts';
import { MediaEndpoint } from '../media/media-endpoint.ts';
import type { MediaPeer } from '../media/media-peer.ts';
import type { Publication } from '../media/publication.ts';
import type { ParsedSdp } from '../sdp/parse-sdp.ts';
import { CALLS_PER_SECOND_MAX, type Timings } from '../timings.ts';
import type { Engine, RawTransport, TransportState } from '../transport/raw-transport.ts';
import { CallRate } from './call-rate.ts';
import { Negotiation } from './negotiation.ts';
import type { Section } from './section.ts';

/**
 * How a session's transport stands. `unused`: no description of the client's has come. `lost`: it was connected and the
 * client tore it down; only an offer of the client's can bring it back.
 */
export type SessionState = 'unused' | 'connecting' | 'connected' | 'lost' | 'closed';

const SSRC_MAX = 2 ** 32 - 2;
/** Chrome makes a new transport for an offer that stops the first section. The end of the old may come after the offer. */
const TEARDOWN_MS = 1_000;

/** One client's connection: its transport, its offer/answer state and its media. */
export class SfuSession extends EventTarget implements MediaPeer {
  readonly id = randomBytes(16).toString('hex');
  readonly ssrc = randomInt(1, SSRC_MAX);
  readonly negotiation: Negotiation;
  readonly endpoint: MediaEndpoint;
  readonly data: DataEndpoint;
  readonly calls = new CallRate(CALLS_PER_SECOND_MAX);
  readonly timings: Readonly<Timings>;

  readonly #transport: RawTransport;
  #state: SessionState = 'unused';
  #iceUfrag = '';
  #hasData = false;
  /** The first live section, which carries the transport. */
  #carrierMid = '';
  #carrierMovedAt = -Infinity;
  /** Ends the session where the state, or the answer it waits for, does not come in time. */
  #stateDeadline: NodeJS.Timeout | undefined;
  #answerDeadline: NodeJS.Timeout | undefined;

  constructor(engine: Engine, timings: Timings) {
    super();
    this.timings = timings;
    this.#transport = engine.newTransport(this.id);
    this.#transport.onState = (state) => this.#onTransport(state);
    this.#transport.onPacket = (packet) => this.#onPacket(packet);
    const { iceUfrag, icePwd, candidates } = this.#transport;
    const { fingerprint } = engine;
    this.negotiation = new Negotiation(
      this.id,
      { iceUfrag, icePwd, fingerprint, candidates },
      {
        unpublish: (section) => this.unpublish(section),
        unsubscribe: (section) => this.unsubscribe(section),
        start: (section) => section.subscription?.start(performance.now()),
      },
    );
    this.data = new DataEndpoint(this.id, this.#transport);
    this.endpoint = new MediaEndpoint(this, this.negotiation.numbering.extensionIds);
    this.#enter('unused');
  }

  get state(): SessionState {
    return this.#state;
  }

  get connected(): boolean {
    return this.#state === 'connected';
  }

  /** The client has taken a section for data channels. */
  get hasData(): boolean {
    return this.#hasData;
  }

  send(packet: Buffer): void {
    if (this.connected) this.#transport.send(packet);
  }

  tick(now: number): void {
    this.endpoint.tick(now);
    for (const section of this.negotiation.sections)
      if (section.publication && section.publication.quietFor(now) > this.timings.silentTrackMs)
        this.unpublish(section);
  }

  /**
   * Resolves when the transport is up. Throws `session_error`: 410 where it is gone, 425 where it does not come up in
   * time. An operation with the client's offer goes ahead on a lost transport, because the offer may bring a new one.
   */
  async transportReady({ carriesOffer }: { carriesOffer: boolean }): Promise<void> {
    if (this.#state === 'connected' || (this.#state === 'lost' && carriesOffer)) return;
    if (this.#state === 'unused' || this.#state === 'connecting') {
      const signal = AbortSignal.timeout(this.timings.connectWaitMs);
      await once(this, 'statechange', { signal }).catch(() => {});
      if (this.connected) return;
      if (this.#state === 'connecting' || this.#state === 'unused') throw refusal.notReady();
    }
    throw refusal.gone();
  }

  /** Takes the client's offer; the negotiation's answer must follow. Throws before anything is changed. */
  takeOffer(sdp: ParsedSdp): void {
    this.#requireTransport(sdp);
    this.negotiation.applyOffer(sdp);
    this.#adopt(sdp);
  }

  /** Takes the client's answer to the pending offer. Throws before anything is changed. */
  takeAnswer(sdp: ParsedSdp): void {
    this.#requireTransport(sdp);
    this.negotiation.applyAnswer(sdp);
    this.#adopt(sdp);
  }

  /**
   * Adds the SFU's own section for data channels, which the next offer shows. Where the transport is up the engine is
   * ready for it before the client knows: a client begins as soon as it has set its answer, and an engine that is told
   * only then waits for itself, for ever.
   */
  offerData(): void {
    this.negotiation.addDataSection();
    if (this.connected) this.#transport.enableData();
  }

  /** Starts or ends the wait for the client's answer, as the negotiation stands. */
  watchAnswer(): void {
    clearTimeout(this.#answerDeadline);
    if (!this.negotiation.awaitsAnswer) return;
    this.#answerDeadline = setTimeout(() => this.close(), this.timings.answerDeadlineMs);
    this.#answerDeadline.unref();
  }

  publication(trackName: string): Publication | undefined {
    return this.sectionOf(trackName)?.publication;
  }

  sectionOf(trackName: string): Section | undefined {
    return this.negotiation.sections.find((section) => section.publication?.trackName === trackName);
  }

  unpublish(section: Section): void {
    const { publication } = section;
    if (!publication) return;
    section.publication = undefined;
    this.endpoint.streams.remove(publication);
    publication.close();
  }

  unsubscribe(section: Section): void {
    const { subscription } = section;
    if (!subscription) return;
    section.subscription = undefined;
    this.endpoint.removeSubscription(subscription);
  }

  /** Ends everything at once; every later call on it is answered 410. */
  close(): void {
    if (this.#state === 'closed') return;
    for (const section of this.negotiation.sections) {
      this.unpublish(section);
      this.unsubscribe(section);
    }
    this.data.closeAll();
    clearTimeout(this.#answerDeadline);
    this.#transport.close();
    this.#enter('closed');
  }

  #requireTransport({ client }: ParsedSdp): void {
    if (this.#state === 'unused' && !client)
      throw refusal.unacceptable('The description has no ICE or DTLS parameters');
  }

  /** What a description that was just applied says of the client's transport and streams. */
  #adopt(sdp: ParsedSdp): void {
    for (const section of sdp.sections)
      if (section.kind !== 'application') this.endpoint.streams.declare(section.mid, section.ssrcs);
    const data = sdp.sections.some((section) => section.kind === 'application' && !section.stopped);
    const { client } = sdp;
    const mid = sdp.sections.find((section) => !section.stopped)?.mid ?? '';
    if (this.#carrierMid !== '' && mid !== this.#carrierMid) this.#carrierMovedAt = performance.now();
    this.#carrierMid = mid;
    if (this.#state === 'unused' && client) {
      this.#iceUfrag = client.iceUfrag;
      this.#hasData = data;
      this.#transport.start(client, data);
      this.#enter('connecting');
      return;
    }
    if (client && client.iceUfrag !== this.#iceUfrag) {
      this.#iceUfrag = client.iceUfrag;
      this.#transport.update(client);
    }
    if (this.#state === 'lost') this.#enter('connecting');
    if (data && !this.#hasData) {
      this.#hasData = true;
      this.#transport.enableData();
    }
  }

  #onTransport(state: TransportState): void {
    if (this.#state === 'closed') return;
    const now = performance.now();
    if (state === 'failed') this.close();
    else if (state === 'lost' && now - this.#carrierMovedAt < TEARDOWN_MS) this.#enter('connecting');
    else this.#enter(state);
    if (state === 'connected') this.endpoint.connected(now);
  }

  #onPacket(packet: Buffer): void {
    if (this.#state === 'closed') return;
    try {
      this.endpoint.receive(packet, performance.now());
    } catch (error) {
      // A header that points outside its packet: the packet is dropped, the session goes on.
      if (!(error instanceof RangeError)) throw error;
    }
  }

  #enter(state: SessionState): void {
    this.#state = state;
    clearTimeout(this.#stateDeadline);
    const deadlines: Partial<Record<SessionState, number>> = {
      unused: this.timings.unusedSessionMs,
      connecting: this.timings.unusedSessionMs,
      lost: this.timings.lostSessionMs,
    };
    const deadline = deadlines[state];
    if (deadline !== undefined) {
      this.#stateDeadline = setTimeout(() => this.close(), deadline);
      this.#stateDeadline.unref();
    }
    this.dispatchEvent(new Event('statechange'));
  }
}
