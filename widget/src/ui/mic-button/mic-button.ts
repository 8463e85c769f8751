import { html, nothing } from 'lit';
import type { CaptureState } from '../../call/state.ts';
import { CaptureButtonElement } from '../capture-button/capture-button.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import '../level-meter/level-meter.ts';

/** Mutes and unmutes. A small bar shows that the microphone hears something. */
export class MicButtonElement extends CaptureButtonElement {
  protected override readonly source = 'microphone';
  protected override readonly shortcut = 'M';
  protected override readonly icon = { on: icons.microphone, off: icons.microphoneOff };

  protected override renderExtra(capture: CaptureState): unknown {
    return capture.status === 'on' ? html`<rc-level-meter aria-hidden="true"></rc-level-meter>` : nothing;
  }
}
define('rc-mic-button', MicButtonElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-mic-button': MicButtonElement;
  }
}
