import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import { CallRequestEvent } from '../request-event.ts';
import { strings } from '../strings/strings.ts';
import { takeFocus } from '../take-focus.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';
import { panel } from '../theme/panel.ts';
import { SelectController } from '../view-controller.ts';

/**
 * After the call: why it is over, and the ways back in.
 *
 * @csspart panel - The message.
 * @csspart primary-button - The button that goes back in.
 */
export class LeftScreenElement extends LitElement {
  static override styles = [base, controls, panel];

  private readonly reason = new SelectController(this, ({ call }) => (call.phase === 'left' ? call.reason : undefined));

  protected override firstUpdated(_changed: PropertyValues): void {
    takeFocus(this.renderRoot.querySelector('h2'));
  }

  private rejoin = (): void => {
    this.dispatchEvent(new CallRequestEvent({ type: 'join' }));
  };
  private backToLobby = (): void => {
    this.dispatchEvent(new CallRequestEvent({ type: 'return-to-lobby' }));
  };

  protected override render(): unknown {
    const reason = this.reason.value;
    if (!reason) return nothing;
    const { title, text } = strings.left[reason];
    // Who was removed, or whose call has ended, has nothing to return to at once.
    const mayRejoin = reason === 'you-left' || reason === 'replaced';
    return html`
      <div class="screen">
        <div class="panel" part="panel">
          <div class="mark">${icons.leave}</div>
          <div class="message">
            <h2 tabindex="-1">${title}</h2>
            <p class="text">${text}</p>
          </div>
          <div class="actions">
            ${
              mayRejoin
                ? html`<button class="primary" part="primary-button" type="button" @click=${this.rejoin}>
                    ${reason === 'replaced' ? strings.takeBack : strings.rejoin}
                  </button>`
                : nothing
            }
            <button type="button" @click=${this.backToLobby}>${strings.backToLobby}</button>
          </div>
        </div>
      </div>
    `;
  }
}
define('rc-left-screen', LeftScreenElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-left-screen': LeftScreenElement;
  }
}
