import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import '../participant-tile/participant-tile.ts';
import { define } from '../define.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { SelectController } from '../view-controller.ts';
import { layoutGrid } from './grid-layout.ts';
import { gridStyles } from './tile-grid.styles.ts';
import { selectTiles, type TileRef, type Tiles } from './tiles.ts';

const keyOf = ({ participantId, source }: TileRef): string => `${participantId}/${source}`;

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
  private readonly keys = new SelectController(this, (state) => JSON.stringify(selectTiles(state)));
  private readonly resized = new ResizeObserver(() => this.layOut());

  override connectedCallback(): void {
    super.connectedCallback();
    this.resized.observe(this);
  }

  override disconnectedCallback(): void {
    this.resized.disconnect();
    super.disconnectedCallback();
  }

  protected override updated(_changed: PropertyValues): void {
    this.layOut();
  }

  private layOut(): void {
    const tiles = this.renderRoot.querySelector<HTMLElement>('.tiles');
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

  private renderTile = (tile: TileRef): TemplateResult => html`
    <rc-participant-tile
      part="tile"
      role="listitem"
      exportparts="name, avatar"
      .participantId=${tile.participantId}
      .source=${tile.source}
    ></rc-participant-tile>
  `;

  protected override render(): unknown {
    const keys = this.keys.value;
    if (keys === undefined) return nothing;
    const { stage, rest } = JSON.parse(keys) as Tiles;
    return html`
      <div class=${stage ? 'frame staged' : 'frame'}>
        ${
          stage &&
          html`<div class="stage" part="stage">
            <rc-participant-tile .participantId=${stage.participantId} source="screen"></rc-participant-tile>
          </div>`
        }
        <div class="tiles" role="list" aria-label=${strings.participants}>${repeat(rest, keyOf, this.renderTile)}</div>
      </div>
    `;
  }
}
define('rc-tile-grid', TileGridElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-tile-grid': TileGridElement;
  }
}
