import type { IceServer, JoinMedia, LiveTrack, Source } from '#protocol';
import type { CallErrorCode } from '../call/errors.ts';
import type { Clock, PreparedMedia, SfuApi, SfuEvent, Unsubscribe, WantedTrack } from '../call/ports.ts';
import type { Connection } from '../call/state.ts';
import { ActiveSpeakers } from './active-speakers.ts';
import { summarizeConnection } from './connection-summary.ts';
import { Levels } from './levels.ts';
import type { LocalMedia } from './local-media.ts';
import { toCallErrorCode } from './media-failure.ts';
import { Placeholders } from './placeholder.ts';
import { Publisher } from './publisher.ts';
import type { SfuAbilities } from './pull-exchange.ts';
import { Receiver } from './receiver.ts';
import { RemoteStreams } from './remote-streams.ts';
import { SfuSession, type CreatePeerConnection } from './sfu-session.ts';

/** A reading is the level of one packet: at half the rate, speech would seem to stop between two words. */
const LEVELS_INTERVAL_MS = 100;
const REPLACEMENTS_MAX = 3;
const REPLACEMENTS_WINDOW_MS = 60_000;

export interface MediaRunOptions {
  clock: Clock;
  localMedia: LocalMedia;
  createPeerConnection: CreatePeerConnection;
  random: () => number;
  abilities: SfuAbilities;
  iceServers: readonly IceServer[];
  emit: (event: SfuEvent) => void;
  onStreams: () => void;
}

/** The media of one call, from the prepared offers to the last closed connection. */
export class MediaRun {
  readonly levels = new Levels();
  readonly streams = new RemoteStreams();
  readonly #options: MediaRunOptions;
  readonly #placeholders: Placeholders;
  readonly #speakers = new ActiveSpeakers();
  readonly #replacements: number[] = [];
  readonly #replaced = new WeakSet<SfuSession>();
  #sources: readonly Source[] = [];
  #publisher: Publisher;
  #receiver: Receiver;
  #iceServers: readonly IceServer[];
  #api: SfuApi | undefined;
  #wanted: readonly WantedTrack[] | undefined;
  #connection: Connection | undefined;
  #wasConnected = false;
  #hasFailed = false;
  #isClosed = false;
  #stopLevels: Unsubscribe | undefined;
  #unsubscribe: Unsubscribe;

  constructor(options: MediaRunOptions) {
    this.#options = options;
    this.#iceServers = options.iceServers;
    this.#placeholders = new Placeholders(options.clock);
    this.#publisher = this.#createPublisher();
    this.#receiver = this.#createReceiver();
    this.#unsubscribe = options.localMedia.subscribeTracks(() => this.#publisher.sync());
  }

  async prepare(sources: readonly Source[]): Promise<PreparedMedia> {
    this.#sources = sources;
    const [publish, receive] = await Promise.all([
      sources.length > 0 ? this.#publisher.prepare(sources) : undefined,
      this.#receiver.prepare(),
    ]);
    return { ...(publish && { publish }), receive: { sessionDescription: receive } };
  }

  async begin(
    { publish, receive, iceServers }: { publish?: JoinMedia; receive?: JoinMedia; iceServers: readonly IceServer[] },
    api: SfuApi,
  ): Promise<void> {
    this.#api = api;
    this.#useIceServers(iceServers);
    await Promise.all([this.#beginPublishing(api, publish), this.#receiver.begin(api, receive)]);
    this.#onTransport();
    this.#readLevels();
  }

  async #beginPublishing(api: SfuApi, joined: JoinMedia | undefined): Promise<void> {
    try {
      await this.#publisher.begin(api, joined);
    } catch (error) {
      if (!this.#publisher.session.queue.signal.aborted) this.#fail(toCallErrorCode(error));
    }
  }

  want(tracks: readonly WantedTrack[]): void {
    this.#wanted = tracks;
    this.#receiver.want(tracks);
  }

  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#stopLevels?.();
    this.#publisher.close();
    this.#receiver.close();
    this.#placeholders.close();
  }

  #createSession(): SfuSession {
    const { createPeerConnection, clock } = this.#options;
    const session: SfuSession = new SfuSession({
      createPeerConnection,
      iceServers: this.#iceServers,
      clock,
      onTransport: () => this.#onTransport(session),
    });
    return session;
  }

  #createPublisher(): Publisher {
    const { localMedia, clock, random, emit } = this.#options;
    return new Publisher({
      session: this.#createSession(),
      media: localMedia,
      placeholders: this.#placeholders,
      clock,
      random,
      onFlowing: (sessionId: string, tracks: LiveTrack[]) => emit({ type: 'flowing', sessionId, tracks }),
      onBroken: (error) => this.#replacePublisher(toCallErrorCode(error)),
    });
  }

  #createReceiver(): Receiver {
    const { abilities, clock, random, emit, onStreams } = this.#options;
    return new Receiver({
      session: this.#createSession(),
      abilities,
      clock,
      random,
      onTrack: (key, state) => emit({ type: 'track', key, state }),
      onStreams: () => {
        this.streams.sync(this.#receiver.pulls);
        onStreams();
      },
      onBroken: (error) => this.#replaceReceiver(toCallErrorCode(error)),
    });
  }

  /** The servers of the join may differ from those the offers were made with. */
  #useIceServers(iceServers: readonly IceServer[]): void {
    if (JSON.stringify(iceServers) === JSON.stringify(this.#iceServers)) return;
    this.#iceServers = iceServers;
    this.#publisher.session.useIceServers(iceServers);
    this.#receiver.session.useIceServers(iceServers);
  }

  #onTransport(session?: SfuSession): void {
    if (this.#isClosed) return;
    if (session?.transport === 'failed') this.#onTransportFailed(session);
    this.#publisher.sync();
    this.#receiver.resume();

    const sessions = [this.#publisher.session, this.#receiver.session];
    const connection = summarizeConnection(
      sessions.map((current) => ({ transport: current.transport, isReplacement: this.#replaced.has(current) })),
      this.#wasConnected,
    );
    if (connection === 'connected') this.#wasConnected = true;
    if (connection === this.#connection || this.#isClosed) return;
    this.#connection = connection;
    this.#options.emit({ type: 'connection', state: connection });
  }

  #onTransportFailed(session: SfuSession): void {
    // What never worked is the network's refusal; to try the same again would only make the person wait.
    if (!session.wasConnected) this.#fail('media-unreachable');
    else if (session === this.#publisher.session) this.#replacePublisher('media-unreachable');
    else if (session === this.#receiver.session) this.#replaceReceiver('media-unreachable');
  }

  /** A new session in place of a broken one. Here is where recovery that makes the new before it breaks the old belongs. */
  #replacePublisher(cause: CallErrorCode): void {
    const api = this.#mayReplace(cause);
    if (!api) return;
    this.#publisher.close();
    this.#publisher = this.#createPublisher();
    this.#replaced.add(this.#publisher.session);
    const publisher = this.#publisher;
    const begin = async () => {
      if (this.#sources.length > 0) await publisher.prepare(this.#sources);
      await publisher.begin(api, undefined);
    };
    begin().catch((failure) => this.#onReplaceFailed(publisher.session, failure));
  }

  #replaceReceiver(cause: CallErrorCode): void {
    const api = this.#mayReplace(cause);
    if (!api) return;
    this.#receiver.close();
    this.#receiver = this.#createReceiver();
    this.#replaced.add(this.#receiver.session);
    const receiver = this.#receiver;
    if (this.#wanted) receiver.want(this.#wanted);
    receiver.begin(api, undefined).catch((failure) => this.#onReplaceFailed(receiver.session, failure));
  }

  #onReplaceFailed(session: SfuSession, failure: unknown): void {
    if (!session.queue.signal.aborted) this.#fail(toCallErrorCode(failure));
  }

  #mayReplace(error: CallErrorCode): SfuApi | undefined {
    if (this.#isClosed || this.#hasFailed) return undefined;
    const now = this.#options.clock.now();
    const recent = this.#replacements.filter((time) => now - time < REPLACEMENTS_WINDOW_MS);
    if (!this.#api || recent.length >= REPLACEMENTS_MAX) {
      this.#fail(error);
      return undefined;
    }
    this.#replacements.push(now);
    return this.#api;
  }

  #fail(error: CallErrorCode): void {
    if (this.#isClosed || this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.emit({ type: 'failed', error });
  }

  #readLevels(): void {
    const { clock, emit } = this.#options;
    const read = async () => {
      const levels = await this.levels.read(this.#publisher, this.#receiver);
      if (this.#isClosed) return;
      if (this.#speakers.update(levels, clock.now()))
        emit({ type: 'speakers', speakers: [...this.#speakers.speakers] });
      this.#stopLevels = clock.setTimeout(() => void read(), LEVELS_INTERVAL_MS);
    };
    void read();
  }
}
