import type { Knock } from '#protocol';
import { html, LitElement, nothing } from 'lit';
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
}

/** So many who wait are shown at a time; the others come up as these are dealt with. */
const KNOCKS_SHOWN = 3;

/**
 * What a person in a call must know now: a lost connection, the near end, sound held back, their own shared screen, the
 * last thing that failed; and a host, who waits to be let in.
 *
 * @csspart notice - Each banner.
 */
export class NoticesElement extends LitElement {
  static override styles = [base, controls, noticeStyles, noticesStyles];

  readonly #slice = new SelectController(this, selectNotices);

  #ask(request: CallRequest): void {
    this.dispatchEvent(new CallRequestEvent(request));
  }
  #dismiss = (): void => this.#ask({ type: 'dismiss-notice' });

  /** The button goes with the knock: the focus stays among those who wait. */
  #answer(request: CallRequest): void {
    this.renderRoot.querySelector<HTMLElement>('.knocks')?.focus();
    this.#ask(request);
  }

  protected override render(): unknown {
    const slice = this.#slice.value;
    if (!slice) return nothing;
    const { soundBlocked, sharing, notice, knocks, endsWithin } = slice;
    return html`
      <div role="status">
        ${renderConnection(slice)} ${notice ? renderError(notice, this.#dismiss) : nothing}
        ${endsWithin ? renderNotice(icons.clock, strings.endsWithin(endsWithin)) : nothing}
      </div>
      <div class="knocks" role="group" aria-label=${strings.waitingRoom} tabindex="-1">
        ${
          knocks.length > 1
            ? renderNotice(
                icons.person,
                strings.waitingRoom,
                html`<button type="button" @click=${() => this.#answer({ type: 'admit' })}>
                  ${strings.admitAll(knocks.length)}
                </button>`,
              )
            : nothing
        }
        ${knocks.slice(0, KNOCKS_SHOWN).map((knock) => this.#renderKnock(knock))}
      </div>
      ${
        soundBlocked
          ? renderNotice(
              icons.sound,
              strings.soundBlocked,
              html`<button class="primary" type="button" @click=${() => this.#ask({ type: 'unblock-sound' })}>
                ${strings.unblockSound}
              </button>`,
            )
          : nothing
      }
      ${
        sharing
          ? renderNotice(
              icons.screen,
              strings.youShare,
              html`<button
                type="button"
                @click=${() => this.#ask({ type: 'set-capture', source: 'screen', on: false })}
              >
                ${strings.stopSharing}
              </button>`,
            )
          : nothing
      }
    `;
  }

  #renderKnock({ id, name }: Knock): unknown {
    const who = name || strings.guest;
    const button = (type: 'admit' | 'refuse', kind: string): unknown =>
      html`<button
        class=${kind}
        type="button"
        aria-label="${strings[type]}: ${who}"
        @click=${() => this.#answer({ type, id })}
      >
        ${strings[type]}
      </button>`;
    return renderNotice(icons.person, strings.waits([who]), html`${button('admit', 'primary')}${button('refuse', '')}`);
  }
}
define('rc-notices', NoticesElement);

function renderConnection({ media, signalling }: NoticeSlice): unknown {
  const spinner = html`<span class="spinner"></span>`;
  if (media === 'reconnecting') return renderNotice(spinner, strings.reconnectingMedia);
  if (signalling === 'reconnecting') return renderNotice(spinner, strings.reconnectingRoom);
  return media === 'connecting' ? renderNotice(spinner, strings.connecting, nothing, 'late') : nothing;
}

function selectNotices({ call, local }: CallState): NoticeSlice | undefined {
  if (call.phase !== 'in-call') return undefined;
  const { media, signalling, soundBlocked, notice, knocks, endsWithin } = call;
  return { media, signalling, soundBlocked, notice, knocks, endsWithin, sharing: local.screen.status === 'on' };
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-notices': NoticesElement;
  }
}
