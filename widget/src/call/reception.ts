import { SOURCE_KIND, WATCHED_LAYERS_MAX, type WatchedLayer } from '#protocol';
import { chooseLayer, type LayerChoice } from './layer-choice.ts';
import type { Clock, Unsubscribe, WantedTrack } from './ports.ts';
import { SoundTurns } from './sound-turns.ts';

/** One picture on the screen. */
export interface TileSight {
  participantId: string;
  source: 'camera' | 'screen';
  /** Shorter side in device pixels. */
  size: number;
  isInView: boolean;
}

/** What the visitor can see now, complete. */
export interface Sights {
  tiles: readonly TileSight[];
  isPageHidden: boolean;
}

/** Which pictures to receive: with `small` the smallest layer of each, with `none` sound only. */
export type PictureLimit = 'all' | 'small' | 'none';

/** Pictures received although they are not in view: with those that are, a page. Whoever turns it gets the next in place of the last. */
const PICTURES_MAX = 12;
/** Out of view, a picture rests soon and is let go of later: who scrolls past comes back. */
const TILE_REST_MS = 1_000;
const TILE_RELEASE_MS = 10_000;
const PAGE_REST_MS = 5_000;
const PAGE_RELEASE_MS = 30_000;

interface Picture {
  /** Of its tile; 0 while none was measured. */
  size: number;
  /** Infinity while it is in view, and before anything was told. */
  hiddenAt: number;
  choice: LayerChoice | undefined;
}

/**
 * What of the others' media is worth receiving now, and how large: by what the visitor sees, who speaks, and what the
 * page allows. No picture ever costs a sound.
 */
export class Reception {
  readonly #clock: Clock;
  readonly #want: (tracks: readonly WantedTrack[]) => void;
  readonly #tell: (layers: readonly WatchedLayer[]) => void;
  readonly #turns = new SoundTurns();
  #pictures = new Map<string, Picture>();
  #tracks: readonly WantedTrack[] | undefined;
  #limit: PictureLimit = 'all';
  /** False before the interface told anything. */
  #isWatched = false;
  #pageHiddenAt = Infinity;
  #wanted = '';
  /** What publishers were told last, by participant. */
  readonly #told = new Map<string, string>();
  #stopTimer: Unsubscribe = () => {};

  /**
   * `want` is called after each change of what to receive, with all of it, most wanted first; `tell` with what has changed
   * for the publishers of layers.
   */
  constructor(
    clock: Clock,
    want: (tracks: readonly WantedTrack[]) => void,
    tell: (layers: readonly WatchedLayer[]) => void,
  ) {
    this.#clock = clock;
    this.#want = want;
    this.#tell = tell;
  }

  /** Everything that could be received, most wanted first. */
  offer(tracks: readonly WantedTrack[]): void {
    this.#tracks = tracks;
    this.#settle();
  }

  see({ tiles, isPageHidden }: Sights): void {
    const now = this.#clock.now();
    this.#isWatched = true;
    this.#pageHiddenAt = isPageHidden ? Math.min(this.#pageHiddenAt, now) : Infinity;
    const before = this.#pictures;
    this.#pictures = new Map();
    for (const tile of tiles) {
      const known = before.get(keyOf(tile)) ?? { size: 0, hiddenAt: now, choice: undefined };
      // A tile without a size is about to get one, or is gone: either way it keeps what it had for the moment.
      const isSeen = tile.isInView && tile.size > 0;
      this.#pictures.set(keyOf(tile), {
        size: tile.size || known.size,
        hiddenAt: isSeen ? Infinity : Math.min(known.hiddenAt, now),
        choice: known.choice,
      });
    }
    for (const track of this.#tracks ?? []) {
      const picture = before.get(keyOf(track));
      if (!picture || this.#pictures.has(keyOf(track))) continue;
      this.#pictures.set(keyOf(track), { ...picture, hiddenAt: Math.min(picture.hiddenAt, now) });
    }
    this.#settle();
  }

  hear(speakers: readonly string[]): void {
    this.#turns.hear(speakers, this.#clock.now());
    this.#settle();
  }

  limit(limit: PictureLimit): void {
    this.#limit = limit;
    this.#settle();
  }

  /** Publishers may have missed what they were told. */
  tellAgain(): void {
    this.#told.clear();
    this.#settle();
  }

  /** Receives nothing more, until something is offered again. */
  stop(): void {
    this.#tracks = undefined;
    this.#wanted = '';
    this.#told.clear();
    this.#stopTimer();
  }

  #settle(): void {
    this.#stopTimer();
    if (!this.#tracks) return;
    const now = this.#clock.now();
    const { sounds, until } = this.#turns.choose(this.#tracks.filter(isSound), now);
    const pictures = this.#tracks.filter((track) => this.#limit !== 'none' && !isSound(track));
    const next = Math.min(until, ...pictures.map((track) => this.#choose(track, now)));
    // A new timer each time, but never one that finds its time not come.
    if (next < Infinity) this.#stopTimer = this.#clock.setTimeout(() => this.#settle(), Math.max(1, next - now));

    const received = this.#received(pictures);
    this.#tellPublishers(this.#tracks, received);
    const tracks = [...sounds, ...received];
    const wanted = JSON.stringify(tracks);
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#want(tracks);
  }

  #tellPublishers(tracks: readonly WantedTrack[], received: readonly WantedTrack[]): void {
    const layers: WatchedLayer[] = [];
    for (const { participantId: id, sessionId, source, rids } of tracks) {
      if (source !== 'camera' || rids.length < 2 || layers.length === WATCHED_LAYERS_MAX) continue;
      const rid = received.find((track) => track.participantId === id && track.source === source)?.rid ?? '';
      const told = `${sessionId} ${rid}`;
      if (this.#told.get(id) === told) continue;
      this.#told.set(id, told);
      layers.push({ id, rid });
    }
    if (layers.length > 0) this.#tell(layers);
  }

  /** Returns the time to choose again. */
  #choose(track: WantedTrack, now: number): number {
    let picture = this.#pictures.get(keyOf(track));
    if (!picture) {
      picture = { size: 0, hiddenAt: this.#isWatched ? now : Infinity, choice: undefined };
      this.#pictures.set(keyOf(track), picture);
    }
    const { size, hiddenAt, choice } = picture;
    const restAt = Math.min(hiddenAt + TILE_REST_MS, this.#pageHiddenAt + PAGE_REST_MS);
    const releaseAt = Math.min(hiddenAt + TILE_RELEASE_MS, this.#pageHiddenAt + PAGE_RELEASE_MS);
    picture.choice = chooseLayer(choice, { size, layers: track.rids.length || 1, restAt, releaseAt }, now);
    return picture.choice.until;
  }

  #received(pictures: readonly WantedTrack[]): WantedTrack[] {
    const worthwhile = pictures.flatMap((track) => {
      const picture = this.#pictures.get(keyOf(track));
      return picture?.choice?.layer === undefined ? [] : { track, picture, layer: picture.choice.layer };
    });
    const ranked = worthwhile.toSorted((a, b) => compare(a.picture, b.picture));
    const isInView = ({ hiddenAt }: Picture) => this.#isWatched && hiddenAt === Infinity;
    const chosen = new Set(ranked.filter(({ picture }, index) => index < PICTURES_MAX || isInView(picture)));
    return worthwhile.flatMap((candidate) => {
      if (!chosen.has(candidate)) return [];
      const { track, layer } = candidate;
      const rid = track.rids.at(this.#limit === 'small' ? -1 : layer);
      return rid === undefined ? track : { ...track, rid };
    });
  }
}

/** What is in view comes first, then what was seen last. */
function compare(a: Picture, b: Picture): number {
  return Number(a.hiddenAt < b.hiddenAt) - Number(a.hiddenAt > b.hiddenAt);
}

function isSound({ source }: WantedTrack): boolean {
  return SOURCE_KIND[source] === 'audio';
}

function keyOf({ participantId, source }: Pick<WantedTrack, 'participantId' | 'source'>): string {
  return `${participantId}/${source}`;
}
