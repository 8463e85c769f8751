import { CaptureButtonElement } from '../capture-button/capture-button.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';

/** Turns the camera on, and off with its light. */
export class CameraButtonElement extends CaptureButtonElement {
  protected override readonly source = 'camera';
  protected override readonly shortcut = 'V';
  protected override readonly icon = { on: icons.camera, off: icons.cameraOff };
}
define('rc-camera-button', CameraButtonElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-camera-button': CameraButtonElement;
  }
}
