import type { Knock } from '#protocol';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Connection, CallState } from '../../call/state.ts';
import type { CallErrorCode } from '../../call/errors.ts';
import type { CallRequest } from '../../call/request.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import { CallRequestEvent } from '../request-event.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { controls } from '../theme/controls.ts';
import { SelectController } from '../view-controller.ts';
import { renderError } from './error-notice.ts';
import { noticeStyles, renderNotice } from './notice.ts';
import { noticesStyles } from './notices.styles.ts';

interface NoticeSlice {
  media: Connection;
  signalling: Connection;
  soundBlocked: boolean;
  sharing: boolean;
  notice: CallErrorCode | '';
  knocks: readonly Knock[];
  endsWithin: number;
  mutedSpeech: boolean;
}

/** So many who wait are shown at a time; the others come up as these are dealt with. */
const KNOCKS_SHOWN = 3;

/**
 * What a person in a call must know now: a lost connection, the near end, that they speak and are muted, sound held back,
 * their own shared screen, the last thing that failed; and a host, who waits to be let in.
 *
 * @csspart notice - Each banner.
 */
export class NoticesElement extends LitElement {
  static override styles = [base, controls, noticeStyles, noticesStyles];

  readonly #slice = new SelectController(this, selectNotices);

  protected override firstUpdated(_changed: PropertyValues): void {
    this.tabIndex = -1;
  }

  /** The button goes with its banner: the focus stays here, so that shortcuts go on to work. */
  #ask(request: CallRequest): void {
    this.focus();
    this.dispatchEvent(new CallRequestEvent(request));
  }

  #button(text: string, request: CallRequest, kind = '', label: unknown = nothing): TemplateResult {
    return html`<button class=${kind} type="button" aria-label=${label} @click=${() => this.#ask(request)}>
      ${text}
    </button>`;
  }

  protected override render(): unknown {
    const slice = this.#slice.value;
    if (!slice) return nothing;
    const { soundBlocked, sharing, notice, knocks, endsWithin, mutedSpeech } = slice;
    return html`
      <div role="status">
        ${renderConnection(slice, this.#button(strings.rejoin, { type: 'join' }))}
        ${notice ? renderError(notice, () => this.#ask({ type: 'dismiss-notice' })) : nothing}
        ${endsWithin ? renderNotice(icons.warning, strings.endsWithin(endsWithin)) : nothing}
        ${
          mutedSpeech
            ? renderNotice(
                icons.microphoneOff,
                strings.youAreMuted,
                this.#button(strings.turnOn.microphone, { type: 'set-capture', source: 'microphone', on: true }),
              )
            : nothing
        }
      </div>
      <div aria-live="polite">${knocks.length > 0 ? this.#renderKnocks(knocks) : nothing}</div>
      ${
        soundBlocked
          ? renderNotice(
              icons.sound,
              strings.soundBlocked,
              this.#button(strings.unblockSound, { type: 'unblock-sound' }, 'primary'),
            )
          : nothing
      }
      ${
        sharing
          ? renderNotice(
              icons.screen,
              strings.youShare,
              this.#button(strings.stopSharing, { type: 'set-capture', source: 'screen', on: false }),
            )
          : nothing
      }
    `;
  }

  #renderKnocks(knocks: readonly Knock[]): TemplateResult {
    return html`<div class="notice knocks" part="notice">
      ${
        knocks.length > 1
          ? html`<p>${strings.waitingRoom}: ${knocks.length}</p>
              ${this.#button(strings.admitAll, { type: 'admit' }, 'all')}`
          : nothing
      }
      ${knocks.slice(0, KNOCKS_SHOWN).map(({ id, name }) => {
        const who = name || strings.guest;
        return html`<p>${strings.waits(who)}</p>
          ${this.#button(strings.admit, { type: 'admit', id }, 'primary', `${strings.admit}: ${who}`)}
          ${this.#button(strings.refuse, { type: 'refuse', id }, '', `${strings.refuse}: ${who}`)}`;
      })}
    </div>`;
  }
}
define('rc-notices', NoticesElement);

function renderConnection({ media, signalling }: NoticeSlice, rejoin: unknown): unknown {
  const spinner = html`<span class="spinner"></span>`;
  if (media === 'failed') return renderNotice(icons.warning, strings.mediaFailed, rejoin);
  if (media === 'reconnecting') return renderNotice(spinner, strings.reconnectingMedia);
  if (signalling === 'reconnecting') return renderNotice(spinner, strings.reconnectingRoom);
  return media === 'connecting' ? renderNotice(spinner, strings.connecting, nothing, 'late') : nothing;
}

function selectNotices({ call, local }: CallState): NoticeSlice | undefined {
  if (call.phase !== 'in-call') return undefined;
  const { media, signalling, soundBlocked, notice, knocks, endsWithin } = call;
  // Off mute it is gone at once, before the next reading of the level.
  const mutedSpeech = call.mutedSpeech && local.microphone.status === 'muted';
  const sharing = local.screen.status === 'on';
  return { media, signalling, soundBlocked, notice, knocks, endsWithin, mutedSpeech, sharing };
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-notices': NoticesElement;
  }
}
