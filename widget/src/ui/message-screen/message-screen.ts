import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { CallErrorCode } from '../../call/errors.ts';
import type { CallPhase } from '../../call/state.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import { CallRequestEvent } from '../request-event.ts';
import { strings } from '../strings/strings.ts';
import { takeFocus } from '../take-focus.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';
import { screen } from '../theme/screen.ts';
import { SelectController } from '../view-controller.ts';
import { messageStyles } from './message-screen.styles.ts';

interface Message {
  icon: TemplateResult;
  title: string;
  text: string;
  /** On the button that joins again; empty where that cannot help. */
  again: string;
  mayReturn: boolean;
  /** For developers: there is one where something failed. */
  detail?: string;
}

/** What only the owner of the page, another address or another browser can mend: the lobby would fail the same way. */
const NO_WAY_BACK: ReadonlySet<CallErrorCode> = new Set(['insecure-page', 'misconfigured-tag', 'unsupported-browser']);

/**
 * After the call: why it is over, or could not be, and the ways on.
 *
 * @csspart panel - The message.
 * @csspart primary-button - The button that joins again.
 */
export class MessageScreenElement extends LitElement {
  static override styles = [base, controls, screen, messageStyles];

  readonly #message = new SelectController(this, ({ call }) => selectMessage(call));

  protected override firstUpdated(_changed: PropertyValues): void {
    takeFocus(this.renderRoot.querySelector('h2'));
  }

  #joinAgain(): void {
    this.dispatchEvent(new CallRequestEvent({ type: 'join' }));
  }
  #backToLobby(): void {
    this.dispatchEvent(new CallRequestEvent({ type: 'return-to-lobby' }));
  }

  protected override render(): unknown {
    const message = this.#message.value;
    if (!message) return nothing;
    const { icon, title, text, again, mayReturn, detail } = message;
    const failed = detail !== undefined;
    return html`
      <div class="screen">
        <div class="panel" part="panel">
          <div class="mark ${failed ? 'trouble' : ''}">${icon}</div>
          <div class="message" role=${failed ? 'alert' : nothing}>
            <h2 tabindex="-1">${title}</h2>
            <p class="text">${text}</p>
          </div>
          <div class="actions">
            ${
              again
                ? html`<button class="primary" part="primary-button" type="button" @click=${this.#joinAgain}>
                    ${again}
                  </button>`
                : nothing
            }
            ${
              mayReturn
                ? html`<button type="button" @click=${this.#backToLobby}>${strings.backToLobby}</button>`
                : nothing
            }
          </div>
          ${
            failed
              ? html`<details>
                  <summary>${strings.technicalDetail}</summary>
                  <code>${detail}</code>
                </details>`
              : nothing
          }
        </div>
      </div>
    `;
  }
}
define('rc-message-screen', MessageScreenElement);

function selectMessage(call: CallPhase): Message | undefined {
  switch (call.phase) {
    case 'left': {
      const { reason } = call;
      // Who was removed, or whose call has ended, has nothing to return to at once.
      const again = reason === 'you-left' ? strings.rejoin : reason === 'replaced' ? strings.takeBack : '';
      return { ...strings.left[reason], icon: icons.leave, again, mayReturn: true };
    }
    case 'failed':
      return {
        ...strings.errors[call.error],
        icon: icons.warning,
        again: call.mayRetry ? strings.retry : '',
        mayReturn: !NO_WAY_BACK.has(call.error),
        detail: call.error + (call.detail && `: ${call.detail}`),
      };
    default:
      return undefined;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-message-screen': MessageScreenElement;
  }
}
