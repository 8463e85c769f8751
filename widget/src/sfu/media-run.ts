import { compact, type IceServer, type JoinMedia, type Source } from '#protocol';
import { CallError } from '../call/errors.ts';
import {
  BrokerError,
  type Clock,
  type ExchangeOffers,
  type PreparedMedia,
  type SfuApi,
  type SfuEvent,
  type WantedTrack,
} from '../call/ports.ts';
import type { Connection } from '../call/state.ts';
import { summarizeConnection } from './connection-summary.ts';
import { Connections } from './connections.ts';
import { Levels } from './levels.ts';
import type { LocalMedia } from './local-media.ts';
import { toCallErrorCode } from './media-failure.ts';
import { PathMonitor } from './path-monitor.ts';
import { Placeholders } from './placeholder.ts';
import type { SfuAbilities } from './pull-exchange.ts';
import { readCallFailure } from './pull-retry.ts';
import { Publishing } from './publishing.ts';
import { Receiving } from './receiving.ts';
import type { CreatePeerConnection, SfuSession } from './sfu-session.ts';

export interface MediaRunOptions {
  clock: Clock;
  localMedia: LocalMedia;
  createPeerConnection: CreatePeerConnection;
  random: () => number;
  abilities: SfuAbilities;
  /** Those known now. */
  iceServers: () => readonly IceServer[];
  emit: (event: SfuEvent) => void;
  onStreams: () => void;
}

/** The media of one call, from the prepared offers to the last closed connection. */
export class MediaRun {
  readonly levels: Levels;
  readonly #options: MediaRunOptions;
  readonly #connections: Connections;
  readonly #placeholders: Placeholders;
  readonly #publishing: Publishing;
  readonly #receiving: Receiving;
  #monitor: PathMonitor | undefined;
  #connection: Connection | undefined;
  #wasConnected = false;
  #hasFailed = false;
  /** The network may be another one since, and nobody watches over it before the join. */
  #isDoubtful = false;
  #isClosed = false;

  constructor(options: MediaRunOptions) {
    const { clock, random, localMedia, abilities, emit, onStreams } = options;
    this.#options = options;
    this.#placeholders = new Placeholders(clock);
    this.#connections = new Connections({ ...options, onTransport: (session) => this.#onTransport(session) });
    const events = {
      onChanged: () => this.#tellConnection(),
      // The others are offered to the person: the room itself is still there.
      onGivenUp: (error: unknown) => isRefused(error) && this.#fail(error),
      isHopeless: isRefused,
    };
    const common = { ...events, connections: this.#connections, clock, random };
    this.#publishing = new Publishing({
      ...common,
      media: localMedia,
      placeholders: this.#placeholders,
      onFlowing: (sessionId, tracks) => emit({ type: 'flowing', sessionId, tracks }),
    });
    this.#receiving = new Receiving({
      ...common,
      abilities,
      onTrack: (key, state) => emit({ type: 'track', key, state }),
      onStreams,
    });
    this.levels = new Levels({
      clock,
      own: localMedia,
      receiver: () => this.#receiving.path.current,
      onSpeakers: (speakers) => emit({ type: 'speakers', speakers }),
      onMutedSpeech: (isHeard) => emit({ type: 'muted-speech', isHeard }),
      onSilence: () => void this.#monitor?.look(),
      onWake: () => this.wake(),
    });
  }

  get streams(): Receiving['streams'] {
    return this.#receiving.streams;
  }

  /** A connection is not what it was when it was made ready, or may not be. */
  get isStale(): boolean {
    return this.#isDoubtful || this.#paths.some(({ current }) => /lost|failed/.test(current.session.transport));
  }

  /** Connects with nothing in the connections: what is prepared after goes through them. */
  async connect(sources: readonly Source[], exchange: ExchangeOffers): Promise<void> {
    const [publishing, receiving] = this.#paths.map(({ current }) => current.session) as [SfuSession, SfuSession];
    const sessions = sources.length > 0 ? [receiving, publishing] : [receiving];
    const { sessions: made } = await exchange(await Promise.all(sessions.map((each) => each.anchor())));
    await Promise.all(
      sessions.map((session, index) => {
        session.prepared = made[index]!.prepared;
        return session.accept(made[index]!.sessionDescription);
      }),
    );
  }

  async prepare(sources: readonly Source[]): Promise<PreparedMedia> {
    const [publishing, receiving] = [this.#publishing.path.current, this.#receiving.path.current];
    const [publish, receive] = await Promise.all([
      sources.length > 0 ? publishing.prepare(sources) : undefined,
      receiving.prepare(),
    ]);
    return compact({
      publish: publish && compact({ prepared: publishing.session.prepared, ...publish }),
      receive: compact({ prepared: receiving.session.prepared, sessionDescription: receive }),
    });
  }

  async begin({ publish, receive }: { publish?: JoinMedia; receive?: JoinMedia }, api: SfuApi): Promise<void> {
    this.#connections.begin(api);
    const { clock, emit } = this.#options;
    this.#monitor = new PathMonitor({
      clock,
      publishing: this.#publishing,
      receiving: this.#receiving,
      api,
      isConnected: () => this.#connection === 'connected',
      onStats: (stats) => emit({ type: 'stats', stats }),
    });
    // First, and so before my camera's encoders take their time.
    const receiving = this.#receiving.begin(receive);
    const publishing = this.#publishing.begin(publish).catch((error: unknown) => this.#fail(error));
    await Promise.all([receiving, publishing]);
    for (const { current } of this.#paths) this.#onTransport(current.session);
    this.levels.start();
  }

  demand(rid: string | undefined): void {
    this.#publishing.demand(rid);
  }

  want(tracks: readonly WantedTrack[]): void {
    this.#receiving.want(tracks);
  }

  /** The network is back, or the machine: nothing waits any longer, and what was thought alive is asked. */
  wake(): void {
    if (this.#isClosed) return;
    this.#isDoubtful = !this.#monitor;
    for (const path of this.#paths) path.hurry();
    this.#monitor?.wake();
  }

  close(): void {
    this.#isClosed = true;
    this.levels.stop();
    this.#monitor?.close();
    this.#publishing.close();
    this.#receiving.path.close();
    this.#connections.close();
    this.#placeholders.close();
  }

  get #paths(): [Publishing['path'], Receiving['path']] {
    return [this.#publishing.path, this.#receiving.path];
  }

  #onTransport(session: SfuSession): void {
    // Before the join nobody waits for it.
    if (this.#isClosed || !this.#monitor) return;
    const isHopeful = this.#wasConnected || session.wasConnected || session.lacksRelay;
    // What never worked is the network's refusal; to try the same again would only make the person wait.
    if (session.transport === 'failed' && !isHopeful) this.#fail(new CallError('media-unreachable'));
    else for (const path of this.#paths) path.hearTransport(session);
    this.#publishing.sync();
    this.#receiving.resume();
    this.#tellConnection();
    void this.#monitor.look();
  }

  #tellConnection(): void {
    const connection = summarizeConnection(
      this.#paths.map(({ state, current }) => ({ state, transport: current.session.transport })),
      this.#wasConnected,
    );
    if (connection === 'connected') this.#wasConnected = true;
    if (connection === this.#connection || this.#isClosed) return;
    this.#connection = connection;
    this.#options.emit({ type: 'connection', state: connection });
  }

  #fail(error: unknown): void {
    if (this.#isClosed || this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.emit({ type: 'failed', error: error instanceof CallError ? error.code : toCallErrorCode(error) });
  }
}

/** The broker does not let me do this, and will not do so the next time. */
function isRefused(error: unknown): boolean {
  return error instanceof BrokerError && readCallFailure(error) === 'refused';
}
