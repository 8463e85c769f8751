import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { icons } from '../icons.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';

/**
 * A round button that opens a panel above the bar it stands in. Escape, a press elsewhere, or the focus going elsewhere
 * closes it.
 *
 * @csspart control - The button.
 * @csspart panel - What opens.
 */
export abstract class MenuElement extends LitElement {
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
        max-block-size: 50vh;
        margin-inline: auto;
        padding: 16px;
        overflow: auto;
        border: 1px solid var(--rc-border);
        border-radius: var(--rc-radius);
        background: var(--rc-raised);
        box-shadow: var(--rc-shadow);
      }
    `,
  ];
  static override properties = { open: { state: true } };

  protected open = false;
  protected abstract readonly label: string;
  protected abstract readonly icon: keyof typeof icons;

  protected abstract renderPanel(): unknown;

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

  protected override render(): TemplateResult {
    return html`
      <button
        class="round"
        part="control"
        type="button"
        aria-label=${this.label}
        aria-expanded=${this.open}
        title=${this.label}
        @click=${this.#toggle}
        @keydown=${this.#onKeydown}
      >
        ${icons[this.icon]}
      </button>
      ${
        this.open
          ? html`<div
              class="panel"
              part="panel"
              role="group"
              tabindex="-1"
              aria-label=${this.label}
              @keydown=${this.#onKeydown}
            >
              ${this.renderPanel()}
            </div>`
          : nothing
      }
    `;
  }
}
