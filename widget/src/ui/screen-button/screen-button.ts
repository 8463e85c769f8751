import { CaptureButtonElement } from '../capture-button/capture-button.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';

/** Shares the screen, and ends it. Gone where the browser cannot, as on telephones. */
export class ScreenButtonElement extends CaptureButtonElement {
  protected override readonly source = 'screen';
  protected override readonly shortcut = 'S';
  protected override readonly icon = { on: icons.screenOff, off: icons.screen };

  protected override isSupported(): boolean {
    return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
  }
}
define('rc-screen-button', ScreenButtonElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-screen-button': ScreenButtonElement;
  }
}
