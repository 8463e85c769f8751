import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { CaptureSource } from '../../call/state.ts';
import '../announcer/announcer.ts';
import '../control-bar/control-bar.ts';
import { define } from '../define.ts';
import '../notices/notices.ts';
import '../sound-output/sound-output.ts';
import { strings } from '../strings/strings.ts';
import { takeFocus } from '../take-focus.ts';
import { base } from '../theme/base.ts';
import '../tile-grid/tile-grid.ts';
import { SelectController } from '../view-controller.ts';
import { callStyles } from './call-screen.styles.ts';

const SHORTCUTS: Readonly<Record<string, CaptureSource>> = { m: 'microphone', v: 'camera', s: 'screen' };
const TYPING = 'input, textarea, select, [contenteditable]';

/**
 * The call: everybody's picture, the controls, and what must be known now.
 *
 * While the focus is in it, M mutes, V turns the camera on or off and S shares the screen.
 *
 * @csspart tile - Each tile.
 * @csspart stage - The shared screen.
 * @csspart control-bar - The controls.
 * @csspart control - Each button among them.
 * @csspart leave-button - The button that leaves.
 * @csspart notice - Each banner.
 */
export class CallScreenElement extends LitElement {
  static override styles = [base, callStyles];

  readonly #slice = new SelectController(this, ({ room, call }) => ({
    room,
    alone: call.phase === 'in-call' && call.participants.length < 2,
  }));

  constructor() {
    super();
    this.addEventListener('keydown', this.#onKeydown);
  }

  protected override firstUpdated(_changed: PropertyValues): void {
    takeFocus(this.renderRoot.querySelector<HTMLElement>('.call'));
  }

  #onKeydown = (event: KeyboardEvent): void => {
    const source = SHORTCUTS[event.key.toLowerCase()];
    if (!source || event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const [target] = event.composedPath();
    if (target instanceof Element && target.matches(TYPING)) return;
    event.preventDefault();
    this.renderRoot.querySelector('rc-control-bar')?.toggle(source);
  };

  protected override render(): unknown {
    const slice = this.#slice.value;
    if (!slice) return nothing;
    return html`
      <div class="call" role="region" aria-label=${strings.call(slice.room)} tabindex="-1">
        <rc-notices exportparts="notice"></rc-notices>
        ${
          slice.alone ? html`<p class="alone"><strong>${strings.alone}.</strong> ${strings.waitForOthers}</p>` : nothing
        }
        <rc-tile-grid exportparts="tile, stage"></rc-tile-grid>
        <rc-control-bar part="control-bar" exportparts="control, leave-button, panel"></rc-control-bar>
        <rc-announcer></rc-announcer>
        <rc-sound-output></rc-sound-output>
      </div>
    `;
  }
}
define('rc-call-screen', CallScreenElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-call-screen': CallScreenElement;
  }
}
