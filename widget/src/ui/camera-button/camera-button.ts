import { CaptureButtonElement } from '../capture-button/capture-button.ts';
import { element } from '../element.ts';
import { icons } from '../icons.ts';

/** Turns the camera on, and off with its light. */
@element('rc-camera-button')
export class CameraButtonElement extends CaptureButtonElement {
  protected override readonly source = 'camera';
  protected override readonly shortcut = 'V';
  protected override readonly icon = { on: icons.camera, off: icons.cameraOff };
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-camera-button': CameraButtonElement;
  }
}
