import { html, LitElement, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import type { CallState, DeviceKind } from '../../call/state.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import { CallRequestEvent } from '../request-event.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { SelectController } from '../view-controller.ts';
import { deviceSelectStyles } from './device-select.styles.ts';

/** The choice of one device. Gone where there is nothing to choose, or the browser offers no choice. */
export class DeviceSelectElement extends LitElement {
  static override styles = [base, deviceSelectStyles];
  static override properties = { kind: {} };

  kind: DeviceKind = 'microphone';

  private readonly slice = new SelectController(this, ({ local }) => ({
    devices: local.devices[this.kind],
    chosen: chosenId(local, this.kind),
  }));

  private onChange = (event: Event): void => {
    const { value: id } = event.target as HTMLSelectElement;
    this.dispatchEvent(new CallRequestEvent({ type: 'choose-device', kind: this.kind, id }));
    // Until the state says otherwise the choice is what it was.
    this.requestUpdate();
  };

  protected override render(): unknown {
    const slice = this.slice.value;
    if (!slice || slice.devices.length === 0) return nothing;
    if (this.kind === 'speaker' && !('setSinkId' in HTMLMediaElement.prototype)) return nothing;
    const { devices, chosen } = slice;
    const isKnown = devices.some(({ id }) => id === chosen);
    return html`
      <label>
        <span>${strings.device[this.kind]}</span>
        <span class="field">
          <select .value=${live(isKnown ? chosen : '')} @change=${this.onChange}>
            ${isKnown ? nothing : html`<option value="">${strings.systemDefault}</option>`}
            ${devices.map(
              ({ id, label }, index) =>
                html`<option value=${id} ?selected=${id === chosen}>
                  ${label || strings.unnamedDevice(this.kind, index + 1)}
                </option>`,
            )}
          </select>
          ${icons.chevron}
        </span>
      </label>
    `;
  }
}
define('rc-device-select', DeviceSelectElement);

function chosenId(local: CallState['local'], kind: DeviceKind): string {
  if (kind === 'speaker') return local.speakerId;
  const capture = local[kind];
  return 'deviceId' in capture ? capture.deviceId : '';
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-device-select': DeviceSelectElement;
  }
}
