import { html, type TemplateResult } from 'lit';
import type { CallErrorCode } from '../../call/errors.ts';
import { icons } from '../icons.ts';
import { strings } from '../strings/strings.ts';
import { renderNotice } from './notice.ts';

/** The last thing that failed, until somebody has read it. */
export function renderError(code: CallErrorCode, dismiss: () => void): TemplateResult {
  const { title, text } = strings.errors[code];
  return renderNotice(
    icons.warning,
    html`<strong>${title}.</strong> ${text}`,
    html`<button class="plain round" type="button" aria-label=${strings.close} @click=${dismiss}>
      ${icons.close}
    </button>`,
    'error',
  );
}
