import { css } from 'lit';

export const messageStyles = css`
  .panel {
    display: grid;
    justify-items: center;
    gap: 14px;
    inline-size: 100%;
    max-inline-size: 460px;
    padding: 32px 20px;
    border: 1px solid var(--rc-border);
    border-radius: calc(var(--rc-radius) + 6px);
    background: var(--rc-raised);
    box-shadow: var(--rc-shadow);
    text-align: center;
  }
  .mark {
    display: grid;
    place-items: center;
    inline-size: 64px;
    aspect-ratio: 1;
    border-radius: 50%;
    background: color-mix(in srgb, var(--rc-accent) 16%, var(--rc-raised));
    font-size: 1.4em;
  }
  .mark.trouble {
    background: var(--rc-danger-soft);
    color: var(--rc-danger-ink);
  }
  .text {
    color: var(--rc-muted);
    text-wrap: pretty;
  }
  .message {
    display: grid;
    gap: 8px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 10px;
    margin-block-start: 6px;
  }
  details {
    color: var(--rc-muted);
    font-size: 0.85em;
  }
  summary {
    padding: 0.6em;
    border-radius: 8px;
    cursor: pointer;
  }
  code {
    font-family: ui-monospace, monospace;
    overflow-wrap: anywhere;
    user-select: all;
  }
`;
