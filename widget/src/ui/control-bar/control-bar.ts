import { css, html, LitElement } from 'lit';
import type { CaptureSource } from '../../call/state.ts';
import type { CaptureButtonElement } from '../capture-button/capture-button.ts';
import '../capture-button/capture-button.ts';
import '../device-menu/device-menu.ts';
import { define } from '../define.ts';
import '../leave-button/leave-button.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';

/**
 * The controls of a call, at its lower edge.
 *
 * @csspart control - Each button.
 * @csspart leave-button - The button that leaves.
 */
export class ControlBarElement extends LitElement {
  static override styles = [
    base,
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
    `,
  ];

  /** Presses the toggle of a source, where there is one. */
  toggle(source: CaptureSource): void {
    this.renderRoot.querySelector<CaptureButtonElement>(`[source=${source}]`)?.toggle();
  }

  protected override render(): unknown {
    return html`
      <div role="group" aria-label=${strings.callControls}>
        <rc-capture-button source="microphone" exportparts="control"></rc-capture-button>
        <rc-capture-button source="camera" exportparts="control"></rc-capture-button>
        <rc-capture-button source="screen" exportparts="control"></rc-capture-button>
        <rc-device-menu exportparts="control, panel"></rc-device-menu>
        <rc-leave-button exportparts="control, leave-button"></rc-leave-button>
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
