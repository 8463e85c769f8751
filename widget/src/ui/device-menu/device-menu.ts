import { css, html, LitElement, nothing } from 'lit';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';
import './device-select.ts';

/**
 * A button that opens the choice of microphone, camera and speaker. Escape, a press elsewhere, or the focus going elsewhere
 * closes it.
 *
 * @csspart panel - What opens.
 */
export class DeviceMenuElement extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        display: contents;
      }
      /* Above the bar, as wide as it needs: the bar is what it is placed by. */
      .panel {
        position: absolute;
        z-index: 2;
        inset-block-end: calc(100% - 4px);
        inset-inline: 8px;
        display: grid;
        gap: 12px;
        max-inline-size: 360px;
        margin-inline: auto;
        padding: 16px;
        border: 1px solid var(--rc-border);
        border-radius: var(--rc-radius);
        background: var(--rc-raised);
        box-shadow: var(--rc-shadow);
      }
    `,
  ];
  static override properties = { open: { state: true } };

  private open = false;

  readonly #onElsewhere = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.#close();
  };

  override disconnectedCallback(): void {
    this.#close();
    super.disconnectedCallback();
  }

  #toggle(): void {
    if (this.open) return this.#close();
    this.open = true;
    document.addEventListener('pointerdown', this.#onElsewhere);
    document.addEventListener('focusin', this.#onElsewhere);
  }

  #close(): void {
    this.open = false;
    document.removeEventListener('pointerdown', this.#onElsewhere);
    document.removeEventListener('focusin', this.#onElsewhere);
  }

  #onKeydown(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !this.open) return;
    event.stopPropagation();
    this.#close();
    this.renderRoot.querySelector('button')?.focus();
  }

  protected override render(): unknown {
    return html`
      <button
        class="round"
        part="control"
        type="button"
        aria-label=${strings.devices}
        aria-expanded=${this.open}
        title=${strings.devices}
        @click=${this.#toggle}
        @keydown=${this.#onKeydown}
      >
        ${icons.devices}
      </button>
      ${
        this.open
          ? html`<div class="panel" part="panel" role="group" aria-label=${strings.devices} @keydown=${this.#onKeydown}>
              <rc-device-select kind="microphone"></rc-device-select>
              <rc-device-select kind="camera"></rc-device-select>
              <rc-device-select kind="speaker"></rc-device-select>
            </div>`
          : nothing
      }
    `;
  }
}
define('rc-device-menu', DeviceMenuElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-device-menu': DeviceMenuElement;
  }
}
