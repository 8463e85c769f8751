import { css } from 'lit';

export const tileStyles = css`
  :host {
    position: relative;
    display: grid;
    place-items: center;
    overflow: hidden;
    border-radius: var(--rc-radius);
    background: color-mix(in oklch, var(--rc-tile), oklch(60% 0.1 var(--hue)) 8%);
    color: #fff;
    container-type: size;
  }
  .avatar {
    inline-size: clamp(36px, 38cqmin, 128px);
    background: oklch(47% 0.1 var(--hue));
    font-size: clamp(14px, 15cqmin, 46px);
  }
  video {
    opacity: 0;
    transition: opacity 0.2s;
  }
  video.shown {
    opacity: 1;
  }
  /* A telephone held upright would be all forehead in a wide tile. */
  @container (aspect-ratio > 1) {
    video.upright {
      object-fit: contain;
    }
  }
  :host([source='screen']) video {
    object-fit: contain;
    background: #0b0d10;
  }
  :host([mirrored]) video {
    scale: -1 1;
  }
  .ring {
    position: absolute;
    inset: 0;
    border: 3px solid transparent;
    border-radius: inherit;
    pointer-events: none;
    transition: border-color 0.15s;
  }
  :host([speaking]) .ring {
    border-color: var(--rc-speaking);
  }
  .name,
  .trouble {
    position: absolute;
    inset-inline-start: 8px;
    display: flex;
    align-items: center;
    gap: 0.4em;
    max-inline-size: calc(100% - 16px);
    padding: 0.2em 0.6em;
    border-radius: 8px;
    background: rgb(8 10 14 / 72%);
    font-size: 0.875em;
    font-weight: 500;
  }
  .name {
    inset-block-end: 8px;
  }
  .trouble {
    inset-block-start: 8px;
  }
  .name .icon,
  .name .spinner {
    inline-size: 1.15em;
    block-size: 1.15em;
  }
  .text {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  @container (max-block-size: 110px) {
    .avatar {
      inline-size: clamp(22px, 40cqmin, 40px);
      margin-block-end: 24px;
      font-size: 0.8em;
    }
  }
  @container (max-inline-size: 150px) {
    .name {
      inset-block-end: 4px;
      inset-inline-start: 4px;
      max-inline-size: calc(100% - 8px);
      font-size: 0.75em;
    }
  }
  @media (forced-colors: active) {
    :host {
      border: 1px solid CanvasText;
    }
    :host([speaking]) .ring {
      border-color: Highlight;
    }
  }
`;
