import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Participant } from '#protocol';
import type { HostRequest } from '../../call/request.ts';
import { inCall, isSending } from '../../call/select.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import { MenuElement } from '../menu/menu.ts';
import { CallRequestEvent } from '../request-event.ts';
import { strings } from '../strings/strings.ts';
import { SelectController } from '../view-controller.ts';

/**
 * What a host may do: with each person, whichever page of the grid they are on, and with the whole call. Nobody else has
 * the button. What cannot be taken back is asked for twice.
 */
export class HostMenuElement extends MenuElement {
  static override styles = [
    ...MenuElement.styles,
    css`
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }
      .row > span {
        flex: 1 1 5em;
        overflow-wrap: anywhere;
      }
      .row > button {
        padding-inline: 0.8em;
      }
      .sure {
        border-color: transparent;
        background: var(--rc-danger);
        color: var(--rc-on-danger);
      }
    `,
  ];
  static override properties = { ...MenuElement.properties, asked: { state: true } };

  protected override readonly label = strings.host.menu;
  protected override readonly icon = 'host';

  /** What waits to be confirmed, as JSON. */
  private asked = '';

  readonly #call = new SelectController(this, (state) => {
    const call = inCall(state);
    return call?.grants.moderate ? call : undefined;
  });

  #button(content: unknown, request: HostRequest, label = content): TemplateResult {
    const asked = JSON.stringify(request);
    const isFinal = request.type === 'remove' || request.type === 'end';
    const isSure = asked === this.asked;
    return html`<button
      class=${isSure ? 'sure' : ''}
      type="button"
      aria-label=${isSure ? nothing : label}
      @click=${() => {
        this.asked = isFinal && !isSure ? asked : '';
        if (this.asked) return;
        // The button may go with what it does.
        if ('id' in request) this.renderRoot.querySelector<HTMLElement>('.panel')?.focus();
        this.dispatchEvent(new CallRequestEvent(request));
      }}
    >
      ${isSure ? `${label}?` : content}
    </button>`;
  }

  #renderPerson(person: Participant): TemplateResult {
    const { id } = person;
    const name = person.name || strings.guest;
    const { host } = strings;
    return html`<div class="row">
      <span>${name}</span>
      ${
        isSending(person, 'microphone')
          ? this.#button(icons.microphoneOff, { type: 'mute', id, source: 'microphone' }, host.mute(name))
          : nothing
      }
      ${
        isSending(person, 'camera')
          ? this.#button(icons.cameraOff, { type: 'mute', id, source: 'camera' }, host.stopVideo(name))
          : nothing
      }
      ${this.#button(icons.close, { type: 'remove', id }, host.remove(name))}
    </div>`;
  }

  protected override willUpdate(_changed: PropertyValues): void {
    if (!this.open) this.asked = '';
  }

  protected override render(): TemplateResult {
    return this.#call.value ? super.render() : html``;
  }

  protected override renderPanel(): unknown {
    const call = this.#call.value;
    if (!call) return nothing;
    const { host } = strings;
    return html`
      ${call.participants.filter(({ id }) => id !== call.selfId).map((person) => this.#renderPerson(person))}
      <div class="row">
        ${this.#button(call.locked ? host.unlock : host.lock, { type: 'lock', locked: !call.locked })}
        ${this.#button(host.muteAll, { type: 'mute', source: 'microphone' })} ${this.#button(host.end, { type: 'end' })}
      </div>
    `;
  }
}
define('rc-host-menu', HostMenuElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-host-menu': HostMenuElement;
  }
}
