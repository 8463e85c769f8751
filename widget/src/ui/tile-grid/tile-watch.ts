import type { ParticipantTileElement } from '../participant-tile/participant-tile.ts';
import { SightsEvent } from './sights-event.ts';

/** Beyond that, a sharper picture costs more than anybody sees. */
const PIXEL_RATIO_MAX = 2;

/** Tells with {@link SightsEvent}, sent from `host`, how large each tile is and whether it can be seen. */
export class TileWatch {
  readonly #host: HTMLElement;
  /** By tile: is it in view? */
  #tiles = new Map<ParticipantTileElement, boolean>();
  readonly #resized = new ResizeObserver(() => this.#tellSoon());
  readonly #crossed = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries)
      if (this.#tiles.has(target as ParticipantTileElement))
        this.#tiles.set(target as ParticipantTileElement, isIntersecting);
    this.#tellSoon();
  });
  /** Of the host: a page may show the call in a picture-in-picture window, whose document is not hidden with the page's. */
  #page: Document | undefined;
  #isTelling = false;

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  /** Watches these tiles and no others, until `disconnect`. */
  observe(tiles: Iterable<ParticipantTileElement>): void {
    if (!this.#page) {
      this.#page = this.#host.ownerDocument;
      this.#page.addEventListener('visibilitychange', this.#tellSoon);
    }
    const before = this.#tiles;
    this.#tiles = new Map();
    for (const tile of tiles) {
      this.#tiles.set(tile, before.get(tile) ?? false);
      if (before.delete(tile)) continue;
      this.#resized.observe(tile);
      this.#crossed.observe(tile);
    }
    for (const tile of before.keys()) {
      this.#resized.unobserve(tile);
      this.#crossed.unobserve(tile);
      this.#tellSoon();
    }
  }

  disconnect(): void {
    this.#page?.removeEventListener('visibilitychange', this.#tellSoon);
    this.#page = undefined;
    this.#resized.disconnect();
    this.#crossed.disconnect();
    this.#tiles.clear();
  }

  /** Once for all observers of a frame. */
  #tellSoon = (): void => {
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      if (this.#page) this.#tell(this.#page);
    });
  };

  #tell(page: Document): void {
    const ratio = Math.min(page.defaultView?.devicePixelRatio ?? 1, PIXEL_RATIO_MAX);
    const tiles = [...this.#tiles].map(([{ participantId, source, clientWidth, clientHeight }, isInView]) => ({
      participantId,
      source,
      size: Math.round(Math.min(clientWidth, clientHeight) * ratio),
      isInView,
    }));
    const isPageHidden = page.hidden && !page.pictureInPictureElement;
    this.#host.dispatchEvent(new SightsEvent({ tiles, isPageHidden }));
  }
}
