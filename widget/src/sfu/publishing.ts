import type { JoinMedia, LiveTrack } from '#protocol';
import type { Clock, Unsubscribe } from '../call/ports.ts';
import type { Connections } from './connections.ts';
import { MediaPath, type PathEvents } from './media-path.ts';
import type { Placeholders } from './placeholder.ts';
import type { LocalMedia } from './local-media.ts';
import { Publisher } from './publisher.ts';

/** Others go on to watch what was published in the old session, until they have heard of the new one. */
const OVERLAP_MS = 3_000;

export interface PublishingOptions extends PathEvents {
  connections: Connections;
  media: LocalMedia;
  placeholders: Placeholders;
  clock: Clock;
  random: () => number;
  /** What is to be announced, complete: always of one session. */
  onFlowing: (sessionId: string, tracks: LiveTrack[]) => void;
}

/** My side of the media, whichever connection it runs over. */
export class Publishing {
  readonly path: MediaPath<Publisher>;
  readonly #options: PublishingOptions;
  readonly #flowing = new WeakMap<Publisher, { sessionId: string; tracks: LiveTrack[] }>();
  /** Replaced, and still watched. */
  readonly #endings = new Map<Publisher, Unsubscribe>();
  readonly #unsubscribe: Unsubscribe;
  #demanded: string | undefined;

  constructor(options: PublishingOptions) {
    const { connections, media } = options;
    this.#options = options;
    this.path = new MediaPath<Publisher>({
      ...options,
      create: () => this.#create(),
      begin: async (next) => {
        const { sources } = this.path.current;
        if (sources.length > 0) await next.prepare(sources);
        await next.begin(connections.callsFor(next.session), undefined);
      },
      isReady: (next, old) => {
        const tracks = this.#tracksOf(next);
        return (
          tracks.length > 0 &&
          this.#tracksOf(old).every(({ source }) => tracks.some((track) => track.source === source))
        );
      },
      onReplaced: (next) => this.#announce(next),
      discard: (publisher, isReplaced) => {
        if (isReplaced) this.#endLater(publisher);
        else void connections.discard(publisher, false);
      },
    });
    this.#unsubscribe = media.subscribeTracks(() => this.sync());
  }

  get isFlowing(): boolean {
    return this.#tracksOf(this.path.current).length > 0;
  }

  /** Throws once enough tries failed, unless it was closed meanwhile. */
  async begin(joined: JoinMedia | undefined): Promise<void> {
    const { current } = this.path;
    try {
      await current.begin(this.#options.connections.callsFor(current.session, joined), joined);
    } catch (error) {
      if (!current.session.queue.signal.aborted) throw error;
    }
  }

  /** The best layer of the camera that is worth sending; see the port. */
  demand(rid: string | undefined): void {
    this.#demanded = rid;
    this.sync();
  }

  sync(): void {
    for (const publisher of this.path.legs) publisher.sync();
  }

  close(): void {
    this.#unsubscribe();
    for (const [publisher, stop] of this.#endings) {
      stop();
      publisher.close();
    }
    this.path.close();
  }

  #create(): Publisher {
    const { connections, media, placeholders, clock, random } = this.#options;
    const publisher: Publisher = new Publisher({
      session: connections.open(),
      media,
      placeholders,
      clock,
      random,
      demanded: () => this.#demanded,
      onFlowing: (sessionId, tracks) => {
        this.#flowing.set(publisher, { sessionId, tracks });
        if (publisher === this.path.current) this.#announce(publisher);
        else this.path.check();
      },
      onBroken: (error) => this.path.break(publisher, error),
    });
    return publisher;
  }

  #tracksOf(publisher: Publisher): readonly LiveTrack[] {
    return this.#flowing.get(publisher)?.tracks ?? [];
  }

  #announce(publisher: Publisher): void {
    const flowing = this.#flowing.get(publisher);
    if (flowing) this.#options.onFlowing(flowing.sessionId, flowing.tracks);
  }

  #endLater(publisher: Publisher): void {
    const { clock, connections } = this.#options;
    const stop = clock.setTimeout(() => {
      this.#endings.delete(publisher);
      void connections.discard(publisher, true);
    }, OVERLAP_MS);
    this.#endings.set(publisher, stop);
  }
}
