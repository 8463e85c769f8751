import { css } from 'lit';

export const callStyles = css`
  :host {
    block-size: 100%;
  }
  .call {
    position: relative;
    display: flex;
    flex-direction: column;
    block-size: 100%;
    padding: 8px 8px 0;
    overflow: hidden;
  }
  /* It takes the focus so that shortcuts work, and is no control. */
  .call:focus-visible {
    outline-offset: -3px;
  }
  rc-tile-grid {
    flex: 1;
  }
  rc-notices {
    position: absolute;
    z-index: 1;
    inset-block-start: 16px;
    inset-inline: 16px;
    pointer-events: none;
  }
  rc-notices::part(notice) {
    pointer-events: auto;
  }
  .alone {
    padding: 6px 8px 10px;
    color: var(--rc-muted);
    text-align: center;
  }
`;
