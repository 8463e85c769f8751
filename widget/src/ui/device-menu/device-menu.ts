import { html } from 'lit';
import { define } from '../define.ts';
import { MenuElement } from '../menu/menu.ts';
import { strings } from '../strings/strings.ts';
import './device-select.ts';

/** The choice of microphone, camera and speaker. */
export class DeviceMenuElement extends MenuElement {
  protected override readonly label = strings.devices;
  protected override readonly icon = 'devices';

  protected override renderPanel(): unknown {
    return html`
      <rc-device-select kind="microphone"></rc-device-select>
      <rc-device-select kind="camera"></rc-device-select>
      <rc-device-select kind="speaker"></rc-device-select>
    `;
  }
}
define('rc-device-menu', DeviceMenuElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-device-menu': DeviceMenuElement;
  }
}
