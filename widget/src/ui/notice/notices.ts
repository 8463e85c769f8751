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
import { noticeStyles } from './notices.styles.ts';

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
  static override styles = [base, controls, noticeStyles];

  private readonly slice = new SelectController(this, selectNotices);

  private unblock = (): void => {
    this.dispatchEvent(new CallRequestEvent({ type: 'unblock-sound' }));
  };
  private stopSharing = (): void => {
    this.dispatchEvent(new CallRequestEvent({ type: 'set-capture', source: 'screen', on: false }));
  };
  private dismiss = (): void => {
    this.dispatchEvent(new CallRequestEvent({ type: 'dismiss-notice' }));
  };

  protected override render(): unknown {
    const slice = this.slice.value;
    if (!slice) return nothing;
    return html`
      <div role="status">${this.renderConnection(slice)} ${this.renderError(slice.notice)}</div>
      ${
        slice.soundBlocked
          ? html`<div class="notice" part="notice">
              ${icons.sound}
              <p>${strings.soundBlocked}</p>
              <button class="primary" type="button" @click=${this.unblock}>${strings.unblockSound}</button>
            </div>`
          : nothing
      }
      ${
        slice.sharing
          ? html`<div class="notice" part="notice">
              ${icons.screen}
              <p>${strings.youShare}</p>
              <button type="button" @click=${this.stopSharing}>${strings.stopSharing}</button>
            </div>`
          : nothing
      }
    `;
  }

  private renderConnection({ media, signalling }: NoticeSlice): unknown {
    const text =
      media === 'reconnecting'
        ? strings.reconnectingMedia
        : signalling === 'reconnecting'
          ? strings.reconnectingRoom
          : media === 'connecting'
            ? strings.connecting
            : '';
    return text
      ? html`<div class="notice ${media === 'connecting' ? 'late' : ''}" part="notice">
          <span class="spinner"></span>
          <p>${text}</p>
        </div>`
      : nothing;
  }

  private renderError(code: CallErrorCode | ''): unknown {
    if (!code) return nothing;
    const { title, text } = strings.errors[code];
    return html`<div class="notice error" part="notice">
      ${icons.warning}
      <p><strong>${title}.</strong> ${text}</p>
      <button class="plain round" type="button" aria-label=${strings.close} @click=${this.dismiss}>
        ${icons.close}
      </button>
    </div>`;
  }
}
define('rc-notices', NoticesElement);

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
