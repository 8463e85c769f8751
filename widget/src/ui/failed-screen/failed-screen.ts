import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { CallErrorCode } from '../../call/errors.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import { CallRequestEvent } from '../request-event.ts';
import { strings } from '../strings/strings.ts';
import { takeFocus } from '../take-focus.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';
import { panel } from '../theme/panel.ts';
import { SelectController } from '../view-controller.ts';

/** What only the owner of the page, another address or another browser can mend: the lobby would fail the same way. */
const NO_WAY_BACK: ReadonlySet<CallErrorCode> = new Set([
  CallErrorCode.insecurePage,
  CallErrorCode.misconfiguredTag,
  CallErrorCode.unsupportedBrowser,
]);

/**
 * A call that could not be, or could not go on: the cause and the way on.
 *
 * @csspart panel - The message.
 * @csspart primary-button - The button that tries again.
 */
export class FailedScreenElement extends LitElement {
  static override styles = [base, controls, panel];

  private readonly slice = new SelectController(this, ({ call }) => (call.phase === 'failed' ? call : undefined));

  protected override firstUpdated(_changed: PropertyValues): void {
    takeFocus(this.renderRoot.querySelector('h2'));
  }

  private retry = (): void => {
    this.dispatchEvent(new CallRequestEvent({ type: 'join' }));
  };
  private backToLobby = (): void => {
    this.dispatchEvent(new CallRequestEvent({ type: 'return-to-lobby' }));
  };

  protected override render(): unknown {
    const slice = this.slice.value;
    if (!slice) return nothing;
    const { title, text } = strings.errors[slice.error];
    return html`
      <div class="screen">
        <div class="panel" part="panel">
          <div class="mark trouble">${icons.warning}</div>
          <div class="message" role="alert">
            <h2 tabindex="-1">${title}</h2>
            <p class="text">${text}</p>
          </div>
          <div class="actions">
            ${
              slice.mayRetry
                ? html`<button class="primary" part="primary-button" type="button" @click=${this.retry}>
                    ${strings.retry}
                  </button>`
                : nothing
            }
            ${
              NO_WAY_BACK.has(slice.error)
                ? nothing
                : html`<button type="button" @click=${this.backToLobby}>${strings.backToLobby}</button>`
            }
          </div>
          <details>
            <summary>${strings.technicalDetail}</summary>
            <code>${slice.error}${slice.detail ? `: ${slice.detail}` : ''}</code>
          </details>
        </div>
      </div>
    `;
  }
}
define('rc-failed-screen', FailedScreenElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-failed-screen': FailedScreenElement;
  }
}
