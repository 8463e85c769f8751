import { css } from 'lit';

export const gridStyles = css`
  :host {
    container-type: size;
    min-block-size: 0;
    min-inline-size: 0;
  }
  .frame {
    display: grid;
    grid-template-rows: minmax(0, 1fr);
    grid-auto-rows: auto;
    block-size: 100%;
    gap: var(--rc-gap);
  }
  nav {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 0.5em;
    font-variant-numeric: tabular-nums;
  }
  nav [aria-disabled='true'] {
    opacity: 0.4;
    cursor: default;
  }
  .tiles {
    display: flex;
    flex-wrap: wrap;
    gap: var(--rc-gap);
    min-block-size: 0;
    min-inline-size: 0;
    align-content: safe center;
    justify-content: center;
    padding: 4px;
    overflow: hidden;
    scrollbar-width: thin;
  }
  .scrolling {
    overflow-y: scroll;
  }
  .tiles:focus-visible {
    outline-offset: -3px;
  }
  .tiles > * {
    flex: none;
    inline-size: var(--tile-width, 160px);
    block-size: var(--tile-height, 90px);
  }
  .stage {
    min-block-size: 0;
    min-inline-size: 0;
    padding: 4px;
  }
  .stage > * {
    block-size: 100%;
  }

  /* A strip below the screen; beside it where there is width to spare. */
  .staged {
    grid-template-rows: minmax(0, 1fr) auto;
  }
  .staged .tiles {
    flex-wrap: nowrap;
    justify-content: safe center;
    overflow: auto hidden;
  }
  .staged .tiles > * {
    inline-size: clamp(112px, 32cqi, 176px);
    block-size: auto;
    aspect-ratio: 16 / 9;
  }
  .staged [active] {
    order: -1;
  }
  @container (aspect-ratio > 1.3) {
    .staged {
      grid-template-rows: minmax(0, 1fr);
      grid-template-columns: minmax(0, 1fr) clamp(120px, 18cqi, 232px);
    }
    .staged .tiles {
      flex-direction: column;
      justify-content: safe center;
      overflow: hidden auto;
    }
    .staged .tiles > * {
      inline-size: 100%;
    }
  }
`;
