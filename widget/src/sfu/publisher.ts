import type { JoinMedia, LiveTrack, LocalTrackRequest, SessionDescription, Source, TracksResponse } from '#protocol';
import { BrokerError, type Clock, type SfuApi } from '../call/ports.ts';
import type { LocalMedia } from './local-media.ts';
import { withOpusDtx } from './opus-dtx.ts';
import type { Placeholders } from './placeholder.ts';
import { Publication } from './publication.ts';
import { backoff, readCallFailure } from './pull-retry.ts';
import type { SfuSession } from './sfu-session.ts';

/** Negotiated once, before anything is captured. */
export const JOIN_SOURCES = ['microphone', 'camera'] as const satisfies Source[];
/** Negotiated with each share: a screen's publication ends with it. */
const SCREEN_SOURCES = ['screen', 'screen-audio'] as const satisfies Source[];

const PUBLISH_TRIES = 3;

export interface PublisherOptions {
  session: SfuSession;
  media: LocalMedia;
  placeholders: Placeholders;
  clock: Clock;
  random: () => number;
  /** The best layer of the camera that is worth sending; undefined: all are. */
  demanded: () => string | undefined;
  onFlowing: (sessionId: string, tracks: LiveTrack[]) => void;
  /** Only a new session helps. */
  onBroken: (error: unknown) => void;
}

/** My side of the media: the publishing session, in which only the client offers. */
export class Publisher {
  readonly session: SfuSession;
  readonly #options: PublisherOptions;
  readonly #publications = new Map<Source, Publication>();
  #api: SfuApi | undefined;
  #announced = '';
  /** A screen that could not be published is not tried again; the next share is. */
  #refusedScreen: MediaStreamTrack | undefined;

  constructor(options: PublisherOptions) {
    this.session = options.session;
    this.#options = options;
  }

  /** What is published, or about to be. */
  get sources(): Source[] {
    return [...this.#publications.keys()];
  }

  /** The offer for the sources; the tracks come later, by `replaceTrack`. */
  async prepare(
    sources: readonly Source[],
  ): Promise<{ sessionDescription: SessionDescription; tracks: LocalTrackRequest[] }> {
    const publications = sources.map((source) => this.#add(source));
    const sessionDescription = await this.session.offer();
    return { sessionDescription, tracks: publications.map((publication) => publication.request()) };
  }

  /**
   * Begins to publish what was prepared: with the broker's answer from the join, or by calls of its own where there is
   * none. A refusal by the broker leaves a listener. Throws once enough tries failed.
   */
  async begin(api: SfuApi, joined: JoinMedia | undefined): Promise<void> {
    this.#api = api;
    if (this.#publications.size === 0) return;
    await this.session.queue.run('publish', async () => {
      this.#attach();
      if (joined && 'sessionId' in joined && joined.sessionDescription?.type === 'answer') {
        this.session.id = joined.sessionId;
        await this.#accept(joined);
      } else if (joined && 'errorCode' in joined && joined.errorCode === 'forbidden') {
        this.#forget([...this.#publications.values()]);
        await this.session.rollback();
      } else {
        await this.#establish(api);
      }
    });
    this.sync();
  }

  /** Follows the local media: what is sent, what is announced as muted, whether a screen is shared. */
  sync(): void {
    if (!this.#api) return;
    this.#attach();
    this.#announce();
    if (this.session.transport !== 'connected' && this.#publications.size > 0) return;
    if (this.#screensToAdd().length > 0 || this.#screensToEnd().length > 0)
      this.session.queue.runOnce('screens', () => this.#syncScreens()).catch(() => undefined);
  }

  close(): void {
    this.#forget([...this.#publications.values()]);
    this.session.close();
  }

  #add(source: Source): Publication {
    const generation = Math.floor(this.#options.random() * 36 ** 6).toString(36);
    const publication = new Publication(this.session.peer, source, { clock: this.#options.clock, generation });
    this.#publications.set(source, publication);
    return publication;
  }

  #forget(publications: readonly Publication[]): void {
    for (const publication of publications) {
      publication.end();
      this.#publications.delete(publication.source);
    }
  }

  #attach(): void {
    const { media, placeholders, demanded } = this.#options;
    const camera = this.#publications.get('camera');
    // Of a placeholder browsers send one layer only, which must not be one that is off.
    void camera?.limitLayers(media.isMuted('camera') ? undefined : demanded());
    for (const publication of this.#publications.values()) {
      const isEnding = this.#screensToEnd().includes(publication);
      if (!isEnding) void publication.attach(media, placeholders).catch(() => undefined);
    }
  }

  /** Publishes what was prepared by calls of its own, into a new session. Throws once enough tries failed. */
  async #establish(api: SfuApi): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const sessionDescription = await this.session.offer();
        const tracks = [...this.#publications.values()].map((publication) => publication.request());
        this.session.id = (await api.newSession()).sessionId;
        return await this.#accept(await api.newTracks(this.session.id, { sessionDescription, tracks }));
      } catch (error) {
        const isFinal = !(error instanceof BrokerError) || readCallFailure(error) === 'refused';
        if (isFinal || attempt === PUBLISH_TRIES) throw error;
        await this.#pause(backoff(attempt, this.#options.random()));
      }
    }
  }

  /** Applies the SFU's answer, and waits for the packets of each track it took. */
  async #accept({ tracks, sessionDescription }: TracksResponse): Promise<void> {
    if (!sessionDescription) throw new BrokerError(200, tracks[0]?.errorCode ?? '', 'the SFU took none of the tracks');
    await this.#apply(sessionDescription);
    for (const publication of this.#publications.values()) {
      const result = tracks.find(({ trackName }) => trackName === publication.trackName);
      if (result?.errorCode !== undefined) this.#forget([publication]);
      else if (result) publication.begin(() => this.#announce());
    }
  }

  #apply({ type, sdp }: SessionDescription): Promise<void> {
    // Where there is a microphone, it was offered first.
    const isSpoken = this.#publications.has('microphone');
    return this.session.accept({ type, sdp: isSpoken ? withOpusDtx(sdp) : sdp });
  }

  #announce(): void {
    const ending = this.#screensToEnd();
    const tracks = [...this.#publications.values()]
      .filter((publication) => publication.isFlowing && !ending.includes(publication))
      .map((publication) => publication.describe(this.#options.media));
    const announced = JSON.stringify(tracks);
    if (announced === this.#announced || (tracks.length === 0 && this.#announced === '')) return;
    this.#announced = announced;
    this.#options.onFlowing(this.session.id, tracks);
  }

  #screensToAdd(): Source[] {
    const { media } = this.#options;
    const screen = media.track('screen');
    if (!screen || screen === this.#refusedScreen) return [];
    return SCREEN_SOURCES.filter((source) => media.track(source) && !this.#publications.has(source));
  }

  #screensToEnd(): Publication[] {
    const screens = SCREEN_SOURCES.map((source) => this.#publications.get(source));
    return screens.filter((screen) => screen !== undefined).filter(({ source }) => !this.#options.media.track(source));
  }

  async #syncScreens(): Promise<void> {
    const api = this.#api;
    if (!api) return;
    const ending = this.#screensToEnd();
    if (ending.length > 0) await this.#endScreens(api, ending);
    const added = this.#screensToAdd();
    if (added.length > 0) await this.#addScreens(api, added);
  }

  async #addScreens(api: SfuApi, sources: readonly Source[]): Promise<void> {
    const screen = this.#options.media.track('screen');
    const added = sources.map((source) => this.#add(source));
    try {
      this.#attach();
      if (!this.session.isNegotiated) return await this.#establish(api);
      const sessionDescription = await this.session.offer();
      const tracks = added.map((publication) => publication.request());
      await this.#accept(await api.newTracks(this.session.id, { sessionDescription, tracks }));
    } catch (error) {
      this.#refusedScreen = screen;
      this.#forget(added);
      for (const { transceiver } of added) transceiver.stop();
      await this.session.rollback();
      this.#reportUnlessRefused(error);
    }
  }

  /** The negotiated close lets the browser use the sections again for the next share. */
  async #endScreens(api: SfuApi, screens: readonly Publication[]): Promise<void> {
    const [first] = this.session.peer.getTransceivers();
    const tracks = screens.map(({ transceiver }) => ({ mid: transceiver.mid ?? '' }));
    this.#forget(screens);
    for (const { transceiver } of screens) {
      // The first section carries the transport of all: to stop it would end the connection.
      if (transceiver === first) transceiver.direction = 'inactive';
      else transceiver.stop();
    }
    try {
      const sessionDescription = await this.session.offer();
      const closed = await api.closeTracks(this.session.id, { tracks, force: false, sessionDescription });
      if (closed.sessionDescription) await this.#apply(closed.sessionDescription);
      else await this.session.rollback();
    } catch (error) {
      await this.session.rollback();
      this.#reportUnlessRefused(error);
    }
  }

  /** After an exchange whose outcome is unknown, the two ends may no longer agree on the sections. */
  #reportUnlessRefused(error: unknown): void {
    const isHarmless = error instanceof BrokerError && readCallFailure(error) !== 'replace';
    if (!isHarmless && !this.session.queue.signal.aborted) this.#options.onBroken(error);
  }

  #pause(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#options.clock.setTimeout(resolve, delay);
      this.session.queue.signal.addEventListener('abort', () => (stop(), resolve()), { once: true });
    });
  }
}
