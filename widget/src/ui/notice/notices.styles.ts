import { css } from 'lit';

export const noticeStyles = css`
  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 10px;
    inline-size: fit-content;
    max-inline-size: 100%;
    margin: 0 auto 6px;
    padding: 8px 14px;
    border: 1px solid var(--rc-border);
    border-radius: var(--rc-radius);
    background: var(--rc-raised);
    box-shadow: var(--rc-shadow);
    font-size: 0.9375em;
  }
  p {
    flex: 1 1 8em;
  }
  .notice.error {
    border-color: color-mix(in srgb, var(--rc-danger) 40%, var(--rc-border));
  }
  .error > .icon {
    color: var(--rc-danger-ink);
  }
  /* Most calls connect before anybody need read about it. */
  .late {
    animation: appear 0.2s 1.5s backwards;
  }
  @keyframes appear {
    from {
      opacity: 0;
      visibility: hidden;
    }
  }
  button {
    flex: none;
    min-block-size: 36px;
    padding: 0.25em 1em;
  }
  button.round {
    inline-size: 36px;
    block-size: 36px;
    padding: 0;
  }
`;
