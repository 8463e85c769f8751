import type { SessionDescription, TrackResult, TracksResponse } from '#protocol';
import { BrokerError, type SfuApi } from '../call/ports.ts';
import type { Pull } from './pull.ts';
import type { Kind } from './receive-plan.ts';
import type { ReceiveSlots } from './receive-slots.ts';
import type { SfuSession } from './sfu-session.ts';

/** What this SFU was seen to do; undefined: not tried yet. Shared by the sessions that follow each other. */
export interface SfuAbilities {
  /** Answers a client's offer of receive-only sections. */
  answersPullOffers: boolean | undefined;
  /** Points a section at another track without a description. */
  repoints: boolean | undefined;
}

/**
 * How tracks are added to the receiving session. The client's offer goes with the pull and is answered in one call; an
 * SFU that refuses that makes the offer itself, which costs a second call.
 */
export class PullExchange {
  readonly #session: SfuSession;
  readonly #slots: ReceiveSlots;
  readonly #abilities: SfuAbilities;
  #hasAnchor = false;

  constructor(session: SfuSession, slots: ReceiveSlots, abilities: SfuAbilities) {
    this.#session = session;
    this.#slots = slots;
    this.#abilities = abilities;
  }

  /** An offer with so many vacant sections of each kind. */
  async offer(vacant: Readonly<Record<Kind, number>>): Promise<SessionDescription> {
    const { peer } = this.#session;
    if (!this.#hasAnchor && !this.#session.isNegotiated) {
      this.#hasAnchor = true;
      await this.#session.anchor();
    }
    this.#slots.ensure(peer, 'audio', vacant.audio);
    this.#slots.ensure(peer, 'video', vacant.video);
    return this.#session.offer();
  }

  /** Pulls the tracks; each has its own result. Throws BrokerError where the call failed as a whole. */
  async pull(api: SfuApi, pulls: readonly Pull[]): Promise<TrackResult[]> {
    const tracks = pulls.map((pull) => pull.request());
    this.#session.id ||= (await api.newSession()).sessionId;
    if (this.#abilities.answersPullOffers !== false) {
      const count = (kind: Kind) => pulls.filter((pull) => pull.kind === kind).length;
      const sessionDescription = await this.offer({ audio: count('audio'), video: count('video') });
      try {
        return await this.take(api, await api.newTracks(this.#session.id, { tracks, sessionDescription }));
      } catch (error) {
        const isRefused = this.#abilities.answersPullOffers === undefined && isRefusedOffer(error);
        // The first offer stays for the next try: taken back, its sections would come in another order.
        if (this.#session.isNegotiated) await this.#session.rollback();
        if (!isRefused) throw error;
        this.#abilities.answersPullOffers = false;
      }
    }
    return this.take(api, await api.newTracks(this.#session.id, { tracks }));
  }

  /** Applies whichever description came, and returns the results. */
  async take(api: SfuApi, { tracks, sessionDescription }: TracksResponse): Promise<TrackResult[]> {
    if (sessionDescription?.type === 'answer') {
      this.#abilities.answersPullOffers = true;
      await this.#session.accept(sessionDescription);
    } else if (sessionDescription) {
      this.#abilities.answersPullOffers = false;
      await this.#answer(api, sessionDescription);
    } else if (this.#session.isNegotiated) {
      // Nothing could be pulled, and the SFU did not take the offer in.
      await this.#session.rollback();
    }
    return tracks;
  }

  async #answer(api: SfuApi, offer: SessionDescription): Promise<void> {
    if (this.#session.isNegotiated) await this.#session.rollback();
    else {
      // Sections that were offered and never answered would only be in the way of the SFU's own.
      this.#slots.clear();
      this.#session.renewPeer();
    }
    const sessionDescription = await this.#session.answer(offer);
    await api.renegotiate(this.#session.id, { sessionDescription });
  }
}

function isRefusedOffer(error: unknown): boolean {
  return error instanceof BrokerError && (error.status === 400 || error.status === 406);
}
