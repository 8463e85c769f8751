import { css } from 'lit';

export const noticesStyles = css`
  .notice {
    inline-size: fit-content;
    margin: 0 auto 6px;
    box-shadow: var(--rc-shadow);
  }
  :host {
    outline: none;
  }
  .knocks {
    display: grid;
    grid-template-columns: 1fr auto auto;
    overflow-wrap: anywhere;
  }
  .knocks > button {
    padding-inline: 0.9em;
  }
  .all {
    grid-column: span 2;
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
`;
