import { css, html, LitElement } from 'lit';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import { CallRequestEvent } from '../request-event.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';

/** Asks to leave the call. */
export class LeaveButtonElement extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        display: contents;
      }
      button {
        block-size: var(--rc-control);
        border-color: transparent;
        background: var(--rc-danger);
        color: var(--rc-on-danger);
      }
      @container (max-inline-size: 360px) {
        button {
          inline-size: var(--rc-control);
          padding: 0;
        }
        span {
          position: absolute;
          opacity: 0;
        }
      }
    `,
  ];

  #onClick(): void {
    this.dispatchEvent(new CallRequestEvent({ type: 'leave' }));
  }

  protected override render(): unknown {
    return html`<button part="control leave-button" type="button" @click=${this.#onClick}>
      ${icons.leave}<span>${strings.leave}</span>
    </button>`;
  }
}
define('rc-leave-button', LeaveButtonElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-leave-button': LeaveButtonElement;
  }
}
