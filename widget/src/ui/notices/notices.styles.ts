import { css } from 'lit';

export const noticesStyles = css`
  .notice {
    inline-size: fit-content;
    margin: 0 auto 6px;
    box-shadow: var(--rc-shadow);
  }
  .knocks {
    outline: none;
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
