import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { mayPublish } from '../../call/select.ts';
import type { CaptureSource, CaptureState } from '../../call/state.ts';
import { icons } from '../icons.ts';
import { CallRequestEvent } from '../request-event.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';
import { SelectController } from '../view-controller.ts';
import { captureButtonStyles } from './capture-button.styles.ts';

/**
 * A toggle for one capture source. It shows what the source does, never what was asked of it, and is gone where the
 * room does not grant the source.
 */
export abstract class CaptureButtonElement extends LitElement {
  static override styles = [base, controls, captureButtonStyles];
  static override shadowRootOptions: ShadowRootInit = { ...LitElement.shadowRootOptions, delegatesFocus: true };

  protected abstract readonly source: CaptureSource;
  protected abstract readonly shortcut: string;
  protected abstract readonly icon: { on: TemplateResult; off: TemplateResult };

  private readonly slice = new SelectController(this, (state) => ({
    granted: mayPublish(state, this.source),
    capture: state.local[this.source],
  }));

  /** Asks for the other state; also where the source failed, which tries again. */
  toggle(): void {
    const slice = this.slice.value;
    if (!slice?.granted || !this.isSupported()) return;
    const { status } = slice.capture;
    const on = status !== 'on' && status !== 'starting';
    this.dispatchEvent(new CallRequestEvent({ type: 'set-capture', source: this.source, on }));
  }

  protected isSupported(): boolean {
    return true;
  }

  /** More to see inside the button. */
  protected renderExtra(_capture: CaptureState): unknown {
    return nothing;
  }

  private onClick = (): void => this.toggle();

  protected override render(): unknown {
    const slice = this.slice.value;
    if (!slice?.granted || !this.isSupported()) return nothing;
    const { capture } = slice;
    const on = capture.status === 'on';
    return html`
      <button
        class="round ${this.source} ${capture.status}"
        part="control"
        type="button"
        aria-label=${strings.source[this.source]}
        aria-pressed=${on}
        aria-busy=${capture.status === 'starting'}
        aria-keyshortcuts=${this.shortcut}
        title=${
          capture.status === 'failed'
            ? strings.errors[capture.error].title
            : (on ? strings.turnOff : strings.turnOn)[this.source]
        }
        @click=${this.onClick}
      >
        ${on ? this.icon.on : this.icon.off} ${this.renderExtra(capture)}
        ${capture.status === 'starting' ? html`<span class="waiting spinner"></span>` : nothing}
        ${capture.status === 'failed' ? html`<span class="badge">${icons.warning}</span>` : nothing}
      </button>
    `;
  }
}
