import type { IceServer, JoinMedia, Source } from '#protocol';
import type {
  Clock,
  ExchangeOffers,
  PreparedMedia,
  SfuApi,
  SfuEvent,
  SfuPort,
  Unsubscribe,
  WantedTrack,
} from '../call/ports.ts';
import type { LocalMedia } from './local-media.ts';
import { MediaRun } from './media-run.ts';
import { QueueClosedError } from './operation-queue.ts';
import { JOIN_SOURCES } from './publisher.ts';
import type { SfuAbilities } from './pull-exchange.ts';
import { hasRelay, type CreatePeerConnection } from './sfu-session.ts';

export interface SfuEngineOptions {
  clock: Clock;
  localMedia: LocalMedia;
  createPeerConnection?: CreatePeerConnection;
  /** 0 to 1, as Math.random. */
  random?: () => number;
}

const NO_SOUNDS: ReadonlyMap<string, MediaStream> = new Map();

/**
 * WebRTC through the SFU: one connection that publishes and one that receives. Streams and levels are asked for here;
 * everything else comes as events.
 */
export class SfuEngine implements SfuPort {
  readonly #options: Required<SfuEngineOptions>;
  readonly #listeners = new Set<(event: SfuEvent) => void>();
  readonly #streamListeners = new Set<() => void>();
  /** Kept from call to call: it is the same SFU. */
  readonly #abilities: SfuAbilities = { answersPullOffers: undefined, repoints: undefined };
  #run: MediaRun | undefined;
  /** The same, where it was connected and nothing is in it yet. */
  #connected: MediaRun | undefined;
  /** The last that the broker has told, also for the next call. */
  #iceServers: readonly IceServer[] = [];
  #sounds: ReadonlyMap<string, MediaStream> | undefined;

  constructor(options: SfuEngineOptions) {
    this.#options = {
      createPeerConnection: (configuration) => new RTCPeerConnection(configuration),
      random: Math.random,
      ...options,
    };
  }

  /** Every remote sound that is being received, by `participantId/source`; the same map until it changes. */
  get sounds(): ReadonlyMap<string, MediaStream> {
    return (this.#sounds ??= this.#run?.streams.sounds() ?? NO_SOUNDS);
  }

  get isStale(): boolean {
    return this.#run?.isStale ?? false;
  }

  async connect(sources: readonly Source[], exchange: ExchangeOffers): Promise<void> {
    const run = this.#begin();
    let mayUseRelay = true;
    await run.connect(sources, async (offers) => {
      const answer = await exchange(offers);
      mayUseRelay = hasRelay(this.#iceServers) || !hasRelay(answer.iceServers);
      this.#iceServers = answer.iceServers;
      return answer;
    });
    if (run !== this.#run) return;
    // There is time to begin again with what connections cannot be told later.
    if (!mayUseRelay) return this.connect(sources, exchange);
    this.#connected = run;
  }

  prepare(sources: readonly Source[] = JOIN_SOURCES): Promise<PreparedMedia> {
    const run = this.#connected ?? this.#begin();
    this.#connected = undefined;
    return run.prepare(sources);
  }

  #begin(): MediaRun {
    this.close();
    return (this.#run = new MediaRun({
      ...this.#options,
      abilities: this.#abilities,
      iceServers: () => this.#iceServers,
      emit: (event) => {
        for (const listener of this.#listeners) listener(event);
      },
      onStreams: () => this.#onStreams(),
    }));
  }

  async accept(
    media: { publish?: JoinMedia; receive?: JoinMedia; iceServers: readonly IceServer[] },
    api: SfuApi,
  ): Promise<void> {
    if (!this.#run) throw new Error('accept comes after prepare');
    this.#iceServers = media.iceServers;
    try {
      await this.#run.begin(media, api);
    } catch (error) {
      // Closed meanwhile: nobody waits for it any more.
      if (!(error instanceof QueueClosedError)) throw error;
    }
  }

  want(tracks: readonly WantedTrack[]): void {
    this.#run?.want(tracks);
  }

  wake(): void {
    this.#run?.wake();
  }

  demand(rid: string | undefined): void {
    this.#run?.demand(rid);
  }

  close(): void {
    if (!this.#run) return;
    this.#run.close();
    this.#run = undefined;
    this.#connected = undefined;
    this.#onStreams();
  }

  subscribe(listener: (event: SfuEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is received of a participant's source; the same object for as long as it lasts. */
  stream(participantId: string, source: Source): MediaStream | undefined {
    return this.#run?.streams.get(`${participantId}/${source}`);
  }

  /** How loud a participant's microphone is now, 0 to 1; `self` is mine. */
  level(participantId: string): number {
    return this.#run?.levels.get(participantId) ?? 0;
  }

  /** Called after a remote stream came or went. */
  subscribeStreams(listener: () => void): Unsubscribe {
    this.#streamListeners.add(listener);
    return () => this.#streamListeners.delete(listener);
  }

  #onStreams(): void {
    this.#sounds = undefined;
    for (const listener of this.#streamListeners) listener();
  }
}
