import { css } from 'lit';

/** Buttons, and the select of a device. */
export const controls = css`
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5em;
    min-block-size: 44px;
    margin: 0;
    padding: 0.5em 1.2em;
    border: 1px solid var(--rc-border);
    border-radius: 999px;
    background: var(--rc-raised);
    color: var(--rc-text);
    font: inherit;
    font-weight: 600;
    text-align: center;
    cursor: pointer;
    transition:
      background-color 0.15s,
      filter 0.15s;
    -webkit-tap-highlight-color: transparent;
  }
  @media (hover: hover) {
    button:hover {
      filter: brightness(0.95);
    }
  }
  button.primary {
    border-color: transparent;
    background: var(--rc-accent);
    color: var(--rc-on-accent);
  }
  button.round {
    inline-size: var(--rc-control);
    block-size: var(--rc-control);
    min-block-size: 0;
    padding: 0;
    border-radius: 50%;
  }
  button.plain {
    border-color: transparent;
    background: transparent;
  }
`;
