import { css, html, LitElement } from 'lit';
import type { CaptureSource } from '../../call/state.ts';
import type { CaptureButtonElement } from '../capture-button/capture-button.ts';
import '../capture-button/capture-button.ts';
import '../device-menu/device-menu.ts';
import { define } from '../define.ts';
import '../host-menu/host-menu.ts';
import { icons } from '../icons.ts';
import { CallRequestEvent } from '../request-event.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';

/**
 * The controls of a call, at its lower edge.
 *
 * @csspart control - Each button.
 * @csspart leave-button - The button that leaves.
 */
export class ControlBarElement extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        position: relative;
        container-type: inline-size;
      }
      div {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        gap: 8px;
        padding: 10px 8px;
      }
      button {
        block-size: var(--rc-control);
        border-color: transparent;
        background: var(--rc-danger);
        color: var(--rc-on-danger);
      }
      @container (max-inline-size: 360px) {
        div {
          --rc-control: 44px;
          gap: 3px;
          padding-inline: 0;
        }
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

  /** Presses the toggle of a source, where there is one. */
  toggle(source: CaptureSource): void {
    this.renderRoot.querySelector<CaptureButtonElement>(`[source=${source}]`)?.toggle();
  }

  #leave(): void {
    this.dispatchEvent(new CallRequestEvent({ type: 'leave' }));
  }

  protected override render(): unknown {
    return html`
      <div role="group" aria-label=${strings.callControls}>
        <rc-capture-button source="microphone" exportparts="control"></rc-capture-button>
        <rc-capture-button source="camera" exportparts="control"></rc-capture-button>
        <rc-capture-button source="screen" exportparts="control"></rc-capture-button>
        <rc-device-menu exportparts="control, panel"></rc-device-menu>
        <rc-host-menu exportparts="control, panel"></rc-host-menu>
        <button part="control leave-button" type="button" @click=${this.#leave}>
          ${icons.leave}<span>${strings.leave}</span>
        </button>
      </div>
    `;
  }
}
define('rc-control-bar', ControlBarElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-control-bar': ControlBarElement;
  }
}
