import { css } from 'lit';

/** A screen that scrolls, with what it shows in its middle. */
export const screen = css`
  :host {
    block-size: 100%;
    overflow: auto;
  }
  h2:focus-visible {
    outline: none;
  }
  .screen {
    display: grid;
    min-block-size: 100%;
    padding: 20px 16px;
    place-items: center;
  }
`;
