import { css } from 'lit';

export const deviceSelectStyles = css`
  label {
    display: grid;
    gap: 0.3em;
    font-size: 0.9em;
    font-weight: 600;
  }
  .field {
    position: relative;
    display: block;
  }
  select {
    appearance: none;
    inline-size: 100%;
    min-block-size: 44px;
    padding-block: 0.4em;
    padding-inline: 0.9em 2.4em;
    border: 1px solid var(--rc-border);
    border-radius: 10px;
    background: var(--rc-raised);
    color: var(--rc-text);
    font: inherit;
    font-weight: 400;
    text-overflow: ellipsis;
    cursor: pointer;
  }
  .icon {
    position: absolute;
    inset-block-start: calc(50% - 0.7em);
    inset-inline-end: 0.7em;
    color: var(--rc-muted);
    pointer-events: none;
  }
`;
