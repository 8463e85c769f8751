import type { JoinMedia } from '#protocol';
import type { Clock, WantedTrack } from '../call/ports.ts';
import type { RemoteTrackState } from '../call/state.ts';
import type { Connections } from './connections.ts';
import { MediaPath, type PathEvents } from './media-path.ts';
import type { SfuAbilities } from './pull-exchange.ts';
import { Receiver } from './receiver.ts';
import { RemoteStreams } from './remote-streams.ts';

export interface ReceivingOptions extends PathEvents {
  connections: Connections;
  abilities: SfuAbilities;
  clock: Clock;
  random: () => number;
  onTrack: (key: string, state: RemoteTrackState | undefined) => void;
  onStreams: () => void;
}

/** Everybody else's media, whichever connection it runs over. */
export class Receiving {
  readonly path: MediaPath<Receiver>;
  readonly streams = new RemoteStreams();
  readonly #options: ReceivingOptions;
  #wanted: readonly WantedTrack[] | undefined;

  constructor(options: ReceivingOptions) {
    const { connections } = options;
    this.#options = options;
    this.path = new MediaPath<Receiver>({
      ...options,
      create: () => this.#create(),
      begin: async (next) => {
        if (this.#wanted) next.want(this.#wanted);
        await next.begin(connections.callsFor(next.session), undefined);
      },
      isReady: (next, old) => playsAll(next, old),
      onReplaced: () => {},
      discard: (receiver, isReplaced) => {
        void connections.discard(receiver, isReplaced);
        // Whichever stays, what it plays counts from here on.
        for (const { key, wanted, state } of this.path.current.pulls) if (wanted) options.onTrack(key, state);
        this.#syncStreams();
      },
    });
  }

  /** How many people's packets should be arriving: what is muted may come once a second only, or not at all. */
  get senders(): number {
    const heard = [...this.path.current.pulls].flatMap(({ kind, phase, wanted }) =>
      phase.name === 'playing' && wanted && (kind === 'audio' || !wanted.muted) ? wanted.participantId : [],
    );
    return new Set(heard).size;
  }

  begin(joined: JoinMedia | undefined): Promise<void> {
    const { current } = this.path;
    return current.begin(this.#options.connections.callsFor(current.session, joined), joined);
  }

  want(tracks: readonly WantedTrack[]): void {
    this.#wanted = tracks;
    for (const receiver of this.path.legs) receiver.want(tracks);
    this.path.check();
  }

  resume(): void {
    for (const receiver of this.path.legs) receiver.resume();
  }

  #create(): Receiver {
    const { connections, abilities, clock, random, onTrack } = this.#options;
    const receiver: Receiver = new Receiver({
      session: connections.open(),
      abilities,
      clock,
      random,
      onTrack: (key, state) => {
        // What plays, plays over whichever; what is not there yet in the new one still is in the old.
        const isNext = receiver === this.path.next && state?.status === 'playing';
        // What is wanted no more is so over every connection.
        if (receiver === this.path.current || isNext || !state) onTrack(key, state);
      },
      onStreams: () => {
        this.#syncStreams();
        this.path.check();
      },
      onBroken: (error) => this.path.break(receiver, error),
    });
    return receiver;
  }

  #syncStreams(): void {
    this.streams.sync(this.path.legs.flatMap(({ pulls }) => [...pulls]));
    this.#options.onStreams();
  }
}

/** A track that failed in the new connection is its publisher's trouble, and would fail in any. */
function playsAll(next: Receiver, old: Receiver): boolean {
  const pulls = new Map([...next.pulls].map((pull) => [pull.key, pull]));
  return [...old.pulls].every(({ key, phase }) => {
    const pull = pulls.get(key);
    return phase.name !== 'playing' || !pull || pull.phase.name === 'playing' || pull.failures > 0;
  });
}
