import { css } from 'lit';

/** A label above its input or select. */
export const fields = css`
  label {
    display: grid;
    gap: 0.3em;
    font-size: 0.9em;
    font-weight: 600;
  }
  input,
  select {
    inline-size: 100%;
    min-block-size: 46px;
    padding-block: 0.4em;
    padding-inline: 0.9em;
    border: 1px solid var(--rc-border);
    border-radius: 10px;
    background: var(--rc-raised);
    color: var(--rc-text);
    font: inherit;
    font-weight: 400;
  }
  /* Smaller, and a telephone zooms in on it. */
  input {
    font-size: max(16px, 1.1em);
  }
  input::placeholder {
    color: var(--rc-muted);
    opacity: 1;
  }
`;
