import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { define } from '../define.ts';
import type { ParticipantTileElement } from '../participant-tile/participant-tile.ts';
import '../participant-tile/participant-tile.ts';
import { icons } from '../icons.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';
import { SelectController } from '../view-controller.ts';
import { layoutGrid, type GridLayout } from './grid-layout.ts';
import { gridStyles } from './tile-grid.styles.ts';
import { TileWatch } from './tile-watch.ts';
import { pageOf, selectTiles, type TileRef } from './tiles.ts';

/**
 * Everybody's picture: a grid, or a strip beside the shared screen. The tiles of people stay the same elements in both,
 * so that no picture flashes when a screen comes or goes. A grid of many has pages; the strip is scrolled.
 *
 * @csspart stage - The shared screen.
 * @csspart tile - Each tile.
 */
export class TileGridElement extends LitElement {
  static override styles = [base, controls, gridStyles];
  static override properties = { page: { state: true } };

  private page = 0;

  readonly #all = new SelectController(this, selectTiles);
  #tiles: ReadonlyMap<string, ParticipantTileElement> = new Map();
  readonly #resized = new ResizeObserver(() => this.#layOut());
  readonly #watch = new TileWatch(this);

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized.observe(this);
    // What was watched before it was moved is watched again.
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    this.#resized.disconnect();
    this.#watch.disconnect();
    super.disconnectedCallback();
  }

  protected override updated(_changed: PropertyValues): void {
    this.#syncTiles();
    this.#layOut();
    // An update may come after the removal it has to do with; what is watched then would be kept for good.
    if (this.isConnected) this.#watch.observe(this.renderRoot.querySelectorAll('rc-participant-tile'));
  }

  /** What is on the page, and the pages there are. */
  get #shown(): ReturnType<typeof pageOf> | undefined {
    const all = this.#all.value;
    return all && pageOf(all, this.page);
  }

  get #list(): HTMLElement | null {
    return this.renderRoot.querySelector('.tiles');
  }

  /** A tile keeps its element for as long as it is shown, and is moved only where its place in the order changed. */
  #syncTiles(): void {
    const list = this.#list;
    const shown = this.#shown;
    if (!shown || !list) return;
    const { rest } = shown;
    const tiles = this.#tiles;
    this.#tiles = new Map(
      rest.map((tile) => [JSON.stringify(tile), tiles.get(JSON.stringify(tile)) ?? createTile(tile)]),
    );
    for (const [key, tile] of tiles) if (!this.#tiles.has(key)) tile.remove();
    let next = list.firstElementChild;
    for (const tile of this.#tiles.values()) {
      if (tile === next) next = tile.nextElementSibling;
      else list.insertBefore(tile, next);
    }
  }

  #layOut(): void {
    const tiles = this.#list;
    if (!tiles) return;
    // A scroll bar would take the width that tiles need not to scroll: there is one only where it has to be.
    tiles.classList.remove('scrolling');
    let layout = fitTiles(tiles);
    if (layout.scrolls) {
      tiles.classList.add('scrolling');
      layout = fitTiles(tiles);
    }
    tiles.style.setProperty('--tile-width', `${layout.tileWidth}px`);
    tiles.style.setProperty('--tile-height', `${layout.tileHeight}px`);
    // What scrolls must be reachable with the keyboard; what does not would be a stop for nothing.
    const scrolls = tiles.scrollHeight > tiles.clientHeight || tiles.scrollWidth > tiles.clientWidth;
    if (scrolls) tiles.tabIndex = 0;
    else tiles.removeAttribute('tabindex');
  }

  protected override render(): unknown {
    const shown = this.#shown;
    if (!shown) return nothing;
    const { stage, page, pages } = shown;
    return html`
      <div class=${stage ? 'frame staged' : 'frame'}>
        ${
          stage &&
          html`<div class="stage" part="stage">
            <rc-participant-tile .participantId=${stage.participantId} source="screen"></rc-participant-tile>
          </div>`
        }
        <div class="tiles" role="list" aria-label=${strings.participants}></div>
        ${pages > 1 ? this.#renderPages(page, pages) : nothing}
      </div>
    `;
  }

  #renderPages(page: number, pages: number): unknown {
    const turn = (by: 1 | -1, label: string, icon: unknown) =>
      html`<button
        class="round plain"
        type="button"
        aria-label=${label}
        aria-disabled=${page + by < 0 || page + by >= pages}
        @click=${() => (this.page = Math.max(0, Math.min(page + by, pages - 1)))}
      >
        ${icon}
      </button>`;
    return html`<nav aria-label=${strings.pages}>
      ${turn(-1, strings.previousPage, icons.previous)}
      <span aria-live="polite">${strings.pageOf(page + 1, pages)}</span>
      ${turn(1, strings.nextPage, icons.next)}
    </nav>`;
  }
}
define('rc-tile-grid', TileGridElement);

function fitTiles(tiles: HTMLElement): GridLayout {
  const { width, height } = tiles.getBoundingClientRect();
  const { rowGap, paddingTop, paddingLeft } = getComputedStyle(tiles);
  return layoutGrid({
    width: width - 2 * Number.parseFloat(paddingLeft) - (tiles.offsetWidth - tiles.clientWidth),
    height: height - 2 * Number.parseFloat(paddingTop),
    gap: Number.parseFloat(rowGap) || 0,
    count: tiles.childElementCount,
  });
}

function createTile(tile: TileRef): ParticipantTileElement {
  const element = Object.assign(document.createElement('rc-participant-tile'), tile, {
    role: 'listitem',
    part: 'tile',
  });
  element.setAttribute('exportparts', 'name, avatar');
  return element;
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-tile-grid': TileGridElement;
  }
}
