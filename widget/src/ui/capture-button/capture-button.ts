import { html, LitElement, nothing } from 'lit';
import { mayPublish } from '../../call/select.ts';
import type { CaptureSource } from '../../call/state.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import '../level-meter/level-meter.ts';
import { CallRequestEvent } from '../request-event.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';
import { SelectController } from '../view-controller.ts';
import { captureButtonStyles } from './capture-button.styles.ts';

const LOOKS = {
  microphone: { shortcut: 'M', on: icons.microphone, off: icons.microphoneOff },
  camera: { shortcut: 'V', on: icons.camera, off: icons.cameraOff },
  // It shows what a press would do.
  screen: { shortcut: 'S', on: icons.screenOff, off: icons.screen },
} as const satisfies Record<CaptureSource, unknown>;

/**
 * A toggle for one capture source. It shows what the source does, never what was asked of it, and is gone where the
 * room does not grant the source, or the browser cannot share a screen, as on telephones.
 */
export class CaptureButtonElement extends LitElement {
  static override styles = [base, controls, captureButtonStyles];
  static override shadowRootOptions: ShadowRootInit = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override properties = { source: {} };

  source: CaptureSource = 'microphone';

  readonly #capture = new SelectController(this, (state) =>
    mayPublish(state, this.source) && isSupported(this.source) ? state.local[this.source] : undefined,
  );

  /** Asks for the other state; also where the source failed, which tries again. */
  toggle(): void {
    const capture = this.#capture.value;
    if (!capture) return;
    const on = capture.status !== 'on' && capture.status !== 'starting';
    this.dispatchEvent(new CallRequestEvent({ type: 'set-capture', source: this.source, on }));
  }

  protected override render(): unknown {
    const { source } = this;
    const capture = this.#capture.value;
    if (!capture) return nothing;
    const { status } = capture;
    const look = LOOKS[source];
    const on = status === 'on';
    return html`
      <button
        class="round ${source} ${status}"
        part="control"
        type="button"
        aria-label=${strings.source[source]}
        aria-pressed=${on}
        aria-busy=${status === 'starting'}
        aria-keyshortcuts=${look.shortcut}
        title=${
          status === 'failed' ? strings.errors[capture.error].title : (on ? strings.turnOff : strings.turnOn)[source]
        }
        @click=${this.toggle}
      >
        ${on ? look.on : look.off}
        ${on && source === 'microphone' ? html`<rc-level-meter aria-hidden="true"></rc-level-meter>` : nothing}
        ${status === 'starting' ? html`<span class="waiting spinner"></span>` : nothing}
        ${status === 'failed' ? html`<span class="badge">${icons.warning}</span>` : nothing}
      </button>
    `;
  }
}
define('rc-capture-button', CaptureButtonElement);

function isSupported(source: CaptureSource): boolean {
  return source !== 'screen' || typeof navigator.mediaDevices?.getDisplayMedia === 'function';
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-capture-button': CaptureButtonElement;
  }
}
