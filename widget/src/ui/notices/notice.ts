import { css, html, nothing, type TemplateResult } from 'lit';

/** A banner: an icon or a spinner, a sentence, and what can be done about it. `kind` is `error`, or its own class. */
export function renderNotice(
  icon: TemplateResult,
  text: unknown,
  button: unknown = nothing,
  kind = '',
): TemplateResult {
  return html`<div class="notice ${kind}" part="notice">
    ${icon}
    <p>${text}</p>
    ${button}
  </div>`;
}

export const noticeStyles = css`
  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 10px;
    max-inline-size: 100%;
    padding: 8px 14px;
    border: 1px solid var(--rc-border);
    border-radius: var(--rc-radius);
    background: var(--rc-raised);
    font-size: 0.9375em;
  }
  .notice > p {
    flex: 1 1 8em;
  }
  .notice.error {
    border-color: color-mix(in srgb, var(--rc-danger) 40%, var(--rc-border));
  }
  .error > .icon {
    color: var(--rc-danger-ink);
  }
  .notice > button {
    min-block-size: 38px;
    padding-block: 0.2em;
  }
  .notice > .round {
    inline-size: 38px;
    block-size: 38px;
  }
`;
