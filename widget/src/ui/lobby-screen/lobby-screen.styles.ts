import { css } from 'lit';

export const lobbyStyles = css`
  :host {
    container-type: inline-size;
  }
  .layout {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 20px;
    inline-size: 100%;
    max-inline-size: 460px;
  }
  .side,
  .form {
    display: grid;
    align-content: start;
    gap: 14px;
    min-inline-size: 0;
  }
  .preview {
    position: relative;
    display: grid;
    place-items: center;
    overflow: hidden;
    aspect-ratio: 16 / 10;
    border-radius: calc(var(--rc-radius) + 4px);
    background: var(--rc-tile);
  }
  video {
    scale: -1 1;
  }
  .empty {
    display: grid;
    justify-items: center;
    gap: 6px;
    padding: 8px 12px 68px;
    text-align: center;
  }
  .avatar {
    inline-size: 56px;
    background: color-mix(in srgb, var(--rc-accent) 22%, var(--rc-raised));
    font-size: 1.6em;
  }
  .side > button {
    padding-inline: 0.5em;
    font-size: 0.95em;
  }
  .toggles {
    position: absolute;
    inset-block-end: 12px;
    display: flex;
    gap: 12px;

    /* Off is where everybody begins, not yet a warning. */
    --rc-off: color-mix(in srgb, var(--rc-text) 16%, var(--rc-tile));
    --rc-off-ink: var(--rc-text);
  }
  .room {
    color: var(--rc-muted);
    overflow-wrap: anywhere;
  }
  .hint {
    color: var(--rc-muted);
    font-size: 0.9em;
  }
  .devices {
    display: grid;
    gap: 10px;
  }
  .side .notice {
    margin-block-end: 8px;
  }
  .join {
    display: flex;
    gap: 10px;
  }
  .hint > .spinner {
    margin-inline-end: 0.6em;
    vertical-align: -0.15em;
  }
  .join .primary {
    flex: 1;
    min-block-size: 52px;
    font-size: 1.05em;
  }
  .level {
    display: flex;
    gap: 10px;
  }
  .level > div {
    display: grid;
    flex: 1;
    gap: 4px;
    padding-block-start: 7px;
  }
  @container (min-inline-size: 720px) {
    .screen {
      padding: 32px;
    }
    .layout {
      grid-template-columns: minmax(0, 1.35fr) minmax(260px, 1fr);
      align-items: center;
      gap: 40px;
      max-inline-size: 1040px;
    }
    .form {
      gap: 18px;
    }
    .avatar {
      inline-size: 96px;
      font-size: 2em;
    }
  }
`;
