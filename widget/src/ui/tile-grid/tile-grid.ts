import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { define } from '../define.ts';
import type { ParticipantTileElement } from '../participant-tile/participant-tile.ts';
import '../participant-tile/participant-tile.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { SelectController } from '../view-controller.ts';
import { layoutGrid } from './grid-layout.ts';
import { gridStyles } from './tile-grid.styles.ts';
import { selectTiles, type TileRef, type Tiles } from './tiles.ts';

/**
 * Everybody's picture: a grid, or a strip beside the shared screen. The tiles of people stay the same elements in both,
 * so that no picture flashes when a screen comes or goes.
 *
 * @csspart stage - The shared screen.
 * @csspart tile - Each tile.
 */
export class TileGridElement extends LitElement {
  static override styles = [base, gridStyles];

  // Serialised, for slices are compared one level deep and most changes of the state move no tile.
  readonly #keys = new SelectController(this, (state) => JSON.stringify(selectTiles(state)));
  #tiles: ReadonlyMap<string, ParticipantTileElement> = new Map();
  readonly #resized = new ResizeObserver(() => this.#layOut());

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    this.#resized.disconnect();
    super.disconnectedCallback();
  }

  protected override updated(_changed: PropertyValues): void {
    this.#syncTiles();
    this.#layOut();
  }

  get #list(): HTMLElement | null {
    return this.renderRoot.querySelector('.tiles');
  }

  /** A tile keeps its element for as long as it is shown, and is moved only where its place in the order changed. */
  #syncTiles(): void {
    const list = this.#list;
    const keys = this.#keys.value;
    if (!keys || !list) return;
    const { rest } = JSON.parse(keys) as Tiles;
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
    const { width, height } = tiles.getBoundingClientRect();
    const { rowGap, paddingTop, paddingLeft } = getComputedStyle(tiles);
    const layout = layoutGrid({
      width: width - 2 * Number.parseFloat(paddingLeft),
      height: height - 2 * Number.parseFloat(paddingTop),
      gap: Number.parseFloat(rowGap) || 0,
      count: tiles.childElementCount,
    });
    tiles.style.setProperty('--tile-width', `${layout.tileWidth}px`);
    tiles.style.setProperty('--tile-height', `${layout.tileHeight}px`);
    // What scrolls must be reachable with the keyboard; what does not would be a stop for nothing.
    const scrolls = tiles.scrollHeight > tiles.clientHeight || tiles.scrollWidth > tiles.clientWidth;
    if (scrolls) tiles.tabIndex = 0;
    else tiles.removeAttribute('tabindex');
  }

  protected override render(): unknown {
    const keys = this.#keys.value;
    if (keys === undefined) return nothing;
    const { stage } = JSON.parse(keys) as Tiles;
    return html`
      <div class=${stage ? 'frame staged' : 'frame'}>
        ${
          stage &&
          html`<div class="stage" part="stage">
            <rc-participant-tile .participantId=${stage.participantId} source="screen"></rc-participant-tile>
          </div>`
        }
        <div class="tiles" role="list" aria-label=${strings.participants}></div>
      </div>
    `;
  }
}
define('rc-tile-grid', TileGridElement);

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
