import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { CallState, DeviceKind } from '../../call/state.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import { CallRequestEvent } from '../request-event.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { fields } from '../theme/fields.ts';
import { SelectController } from '../view-controller.ts';
import { deviceSelectStyles } from './device-select.styles.ts';

/** The choice of one device. Gone where there is nothing to choose, or the browser offers no choice. */
export class DeviceSelectElement extends LitElement {
  static override styles = [base, fields, deviceSelectStyles];
  static override properties = { kind: {} };

  kind: DeviceKind = 'microphone';

  readonly #slice = new SelectController(this, ({ local }) => {
    const devices = local.devices[this.kind];
    const id = chosenId(local, this.kind);
    return { devices, chosen: devices.some((device) => device.id === id) ? id : '' };
  });

  /** Until the state says otherwise the choice is what it was, whatever was picked. */
  protected override updated(_changed: PropertyValues): void {
    const select = this.renderRoot.querySelector('select');
    if (select) select.value = this.#slice.value?.chosen ?? '';
  }

  #onChange(event: Event): void {
    const { value: id } = event.target as HTMLSelectElement;
    this.dispatchEvent(new CallRequestEvent({ type: 'choose-device', kind: this.kind, id }));
    this.requestUpdate();
  }

  protected override render(): unknown {
    const slice = this.#slice.value;
    if (!slice || slice.devices.length === 0) return nothing;
    if (this.kind === 'speaker' && !('setSinkId' in HTMLMediaElement.prototype)) return nothing;
    return html`
      <label>
        ${strings.device[this.kind]}
        <span class="field">
          <select @change=${this.#onChange}>
            ${slice.chosen ? nothing : html`<option value="">${strings.systemDefault}</option>`}
            ${slice.devices.map(
              ({ id, label }, index) =>
                html`<option value=${id}>${label || strings.unnamedDevice(this.kind, index + 1)}</option>`,
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
