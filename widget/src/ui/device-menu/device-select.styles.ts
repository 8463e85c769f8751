import { css } from 'lit';

export const deviceSelectStyles = css`
  .field {
    position: relative;
  }
  select {
    appearance: none;
    padding-inline-end: 2.4em;
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
