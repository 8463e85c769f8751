import { html, LitElement, nothing } from 'lit';
import type { Connection, CallState } from '../../call/state.ts';
import type { CallErrorCode } from '../../call/errors.ts';
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
}

/**
 * What a person in a call must know now: a lost connection, sound held back, their own shared screen, the last thing
 * that failed.
 *
 * @csspart notice - Each banner.
 */
export class NoticesElement extends LitElement {
  static override styles = [base, controls, noticeStyles, noticesStyles];

  readonly #slice = new SelectController(this, selectNotices);

  #unblock(): void {
    this.dispatchEvent(new CallRequestEvent({ type: 'unblock-sound' }));
  }
  #stopSharing(): void {
    this.dispatchEvent(new CallRequestEvent({ type: 'set-capture', source: 'screen', on: false }));
  }
  #dismiss = (): void => {
    this.dispatchEvent(new CallRequestEvent({ type: 'dismiss-notice' }));
  };

  protected override render(): unknown {
    const slice = this.#slice.value;
    if (!slice) return nothing;
    const { soundBlocked, sharing, notice } = slice;
    return html`
      <div role="status">${renderConnection(slice)} ${notice ? renderError(notice, this.#dismiss) : nothing}</div>
      ${
        soundBlocked
          ? renderNotice(
              icons.sound,
              strings.soundBlocked,
              html`<button class="primary" type="button" @click=${this.#unblock}>${strings.unblockSound}</button>`,
            )
          : nothing
      }
      ${
        sharing
          ? renderNotice(
              icons.screen,
              strings.youShare,
              html`<button type="button" @click=${this.#stopSharing}>${strings.stopSharing}</button>`,
            )
          : nothing
      }
    `;
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
  const { media, signalling, soundBlocked, notice } = call;
  return { media, signalling, soundBlocked, notice, sharing: local.screen.status === 'on' };
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-notices': NoticesElement;
  }
}
