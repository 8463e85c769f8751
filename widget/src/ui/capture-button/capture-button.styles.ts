import { css } from 'lit';

export const captureButtonStyles = css`
  :host {
    display: contents;
  }
  button {
    position: relative;
    border-color: transparent;
    background: var(--rc-off, var(--rc-danger-soft));
    color: var(--rc-off-ink, var(--rc-danger-ink));
  }
  /* No screen is shared most of the time: that is no warning, and sharing is one. */
  button.on,
  button.screen:not(.failed) {
    border-color: var(--rc-border);
    background: var(--rc-raised);
    color: var(--rc-text);
  }
  button.screen.on {
    border-color: transparent;
    background: var(--rc-accent);
    color: var(--rc-on-accent);
  }
  .waiting {
    position: absolute;
    inset: -2px;
    inline-size: auto;
    block-size: auto;
    border-width: 3px;
    color: var(--rc-accent);
  }
  .badge {
    position: absolute;
    inset-block-start: -4px;
    inset-inline-end: -4px;
    display: grid;
    place-items: center;
    inline-size: 20px;
    block-size: 20px;
    border-radius: 50%;
    background: var(--rc-danger);
    color: var(--rc-on-danger);
    font-size: 10px;
  }
  rc-level-meter {
    position: absolute;
    inset-block-end: 6px;
    inset-inline: 14px;
    block-size: 3px;
  }
`;
