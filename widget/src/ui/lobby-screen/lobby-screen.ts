import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { CallState, CaptureState, LocalState } from '../../call/state.ts';
import '../capture-button/capture-button.ts';
import '../device-menu/device-select.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import '../level-meter/level-meter.ts';
import { renderError } from '../notices/error-notice.ts';
import { noticeStyles, renderNotice } from '../notices/notice.ts';
import { initialsOf } from '../participant-tile/avatar.ts';
import { CallRequestEvent } from '../request-event.ts';
import type { CallRequest } from '../../call/request.ts';
import { showStream } from '../show-stream.ts';
import { strings } from '../strings/strings.ts';
import { takeFocus } from '../take-focus.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';
import { fields } from '../theme/fields.ts';
import { picture } from '../theme/picture.ts';
import { screen } from '../theme/screen.ts';
import { SelectController, StreamController } from '../view-controller.ts';
import { lobbyStyles } from './lobby-screen.styles.ts';

type DeviceSource = 'camera' | 'microphone';

/**
 * Before the call, while it is joined, and in the waiting room: preview, name, devices. Nothing is asked of a device
 * before the visitor turns it on.
 *
 * @csspart preview - The picture of the own camera.
 * @csspart control - The toggles of microphone and camera.
 * @csspart name-field - The input of the name.
 * @csspart join-button - The button that joins.
 */
export class LobbyScreenElement extends LitElement {
  static override styles = [base, controls, screen, fields, picture, noticeStyles, lobbyStyles];

  readonly #slice = new SelectController(this, ({ room, call, local }) => ({
    ...local,
    room,
    joining: call.phase === 'joining',
    waiting: call.phase === 'waiting' ? call.signalling : undefined,
    notice: call.phase === 'lobby' ? call.notice : '',
  }));
  #waited = false;
  readonly #stream = new StreamController(this, () => ['self', 'camera']);

  protected override updated(_changed: PropertyValues): void {
    showStream(this.renderRoot as ShadowRoot, this.#stream.value);
    const waits = this.#slice.value?.waiting !== undefined;
    if (waits && !this.#waited) takeFocus(this.renderRoot.querySelector('h2'));
    this.#waited = waits;
  }

  #ask(request: CallRequest): void {
    this.dispatchEvent(new CallRequestEvent(request));
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    const slice = this.#slice.value;
    if (slice && !slice.joining && !slice.waiting) this.#ask({ type: 'join' });
  }
  #onName(event: Event): void {
    this.#ask({ type: 'set-name', name: (event.target as HTMLInputElement).value });
  }
  #turnOnBoth(): void {
    this.#ask({ type: 'set-capture', source: 'camera', on: true });
    this.#ask({ type: 'set-capture', source: 'microphone', on: true });
  }
  /** Who gives up joining, or waiting, stays in the lobby: nothing was left yet. */
  #cancel(): void {
    this.#ask({ type: 'leave' });
    this.#ask({ type: 'return-to-lobby' });
  }
  #approach = (): void => {
    if (!this.#slice.value?.joining) this.#ask({ type: 'approach' });
  };
  #dismiss = (): void => this.#ask({ type: 'dismiss-notice' });

  protected override render(): unknown {
    const slice = this.#slice.value;
    if (!slice) return nothing;
    const { joining, waiting } = slice;
    return html`
      <div class="screen">
        <div class="layout">
          ${this.#renderPreview(slice)}
          <form class="form" @submit=${this.#onSubmit}>
            <div>
              <h2 tabindex="-1">${waiting ? strings.waitingTitle : strings.lobbyTitle}</h2>
              <p class="room">${strings.room(slice.room)}</p>
            </div>
            <div role="alert">${slice.notice ? renderError(slice.notice, this.#dismiss) : nothing}</div>
            ${waiting ? nothing : this.#renderName(slice)}
            <p class="hint" id="joins-with" role="status">
              ${
                waiting
                  ? html`<span class="spinner"></span
                      >${waiting === 'reconnecting' ? strings.reconnectingMedia : strings.waiting}`
                  : strings.joinsWith[joinsWith(slice)]
              }
            </p>
            <div class="join">
              ${
                waiting
                  ? nothing
                  : html`<button
                      class="primary"
                      part="join-button"
                      aria-busy=${joining}
                      aria-describedby="joins-with"
                      @pointerenter=${this.#approach}
                      @focus=${this.#approach}
                    >
                      ${joining ? html`<span class="spinner"></span>${strings.joining}` : strings.join}
                    </button>`
              }
              ${
                joining || waiting
                  ? html`<button type="button" @click=${this.#cancel}>
                      ${waiting ? strings.stopWaiting : strings.cancel}
                    </button>`
                  : nothing
              }
            </div>
            ${this.#renderDevices(slice)}
          </form>
        </div>
      </div>
    `;
  }

  #renderPreview({ camera, microphone, name }: LocalState): unknown {
    const untouched = camera.status === 'off' && microphone.status === 'off';
    return html`
      <section class="side" aria-label=${strings.preview}>
        <div class="preview" part="preview">
          ${
            camera.status === 'on' && this.#stream.value
              ? html`<video autoplay playsinline disablepictureinpicture aria-hidden="true"></video>`
              : html`<div class="empty">
                  <div class="avatar" aria-hidden="true">${name.trim() ? initialsOf(name) : icons.person}</div>
                  <p>${camera.status === 'starting' ? strings.cameraStarts : strings.cameraIsOff}</p>
                </div>`
          }
          <div class="toggles">
            <rc-capture-button source="microphone" exportparts="control"></rc-capture-button>
            <rc-capture-button source="camera" exportparts="control"></rc-capture-button>
          </div>
        </div>
        ${untouched ? html`<button type="button" @click=${this.#turnOnBoth}>${strings.turnOnBoth}</button>` : nothing}
        <div aria-live="polite">
          ${
            camera.status === 'starting' || microphone.status === 'starting'
              ? html`<p class="hint">${strings.allowPrompt}</p>`
              : nothing
          }
          ${this.#renderFailure('camera', camera)} ${this.#renderFailure('microphone', microphone)}
        </div>
        ${
          microphone.status === 'on'
            ? html`<div class="level">
                ${icons.microphone}
                <div>
                  <rc-level-meter aria-label=${strings.microphoneLevel}></rc-level-meter>
                  <p class="hint">${strings.sayHello}</p>
                </div>
              </div>`
            : nothing
        }
      </section>
    `;
  }

  #renderName({ name, mayRename }: LocalState): unknown {
    if (!mayRename) return html`<p>${strings.yourName}: <strong dir="auto">${name}</strong></p>`;
    return html`
      <label>
        <span>${strings.yourName}</span>
        <input
          part="name-field"
          name="name"
          type="text"
          dir="auto"
          autocomplete="name"
          maxlength="64"
          enterkeyhint="go"
          placeholder=${strings.namePlaceholder}
          .value=${name}
          @input=${this.#onName}
        />
      </label>
    `;
  }

  #renderDevices({ devices, camera, microphone }: LocalState): unknown {
    const known = 'deviceId' in camera || 'deviceId' in microphone;
    if (!known || devices.camera.length + devices.microphone.length === 0) return nothing;
    return html`
      <div class="devices">
        <rc-device-select kind="microphone"></rc-device-select>
        <rc-device-select kind="camera"></rc-device-select>
        <rc-device-select kind="speaker"></rc-device-select>
      </div>
    `;
  }

  #renderFailure(source: DeviceSource, capture: CaptureState): unknown {
    if (capture.status !== 'failed') return nothing;
    const { title, text } = strings.errors[capture.error];
    const retry = (): void => this.#ask({ type: 'set-capture', source, on: true });
    return renderNotice(
      source === 'camera' ? icons.cameraOff : icons.microphoneOff,
      html`<strong>${strings.source[source]}: ${title}.</strong> ${text}`,
      html`<button type="button" @click=${retry} aria-label="${strings.retry}: ${strings.source[source]}">
        ${strings.retry}
      </button>`,
      'error',
    );
  }
}
define('rc-lobby-screen', LobbyScreenElement);

function joinsWith({ camera, microphone }: CallState['local']): keyof typeof strings.joinsWith {
  if (camera.status === 'on') return microphone.status === 'on' ? 'both' : 'camera';
  return microphone.status === 'on' ? 'microphone' : 'none';
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-lobby-screen': LobbyScreenElement;
  }
}
