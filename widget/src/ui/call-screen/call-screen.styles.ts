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
    overflow: hidden auto;
  }
  /* It takes the focus so that shortcuts work, and is no control. */
  .call:focus-visible {
    outline-offset: -3px;
  }
  rc-tile-grid {
    flex: 1 0 140px;
  }
  .alone {
    padding: 6px 8px 10px;
    color: var(--rc-muted);
    text-align: center;
  }
`;
