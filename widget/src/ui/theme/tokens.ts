import { css } from 'lit';

/**
 * Every custom property a page may set, each with its default. Inside, the names begin with `--rc-`: a page may then
 * set `--call-…` on the tag or on any element around it.
 *
 * Dark or light follows the visitor's system; `realtime-call { color-scheme: light }` on the page fixes it.
 */
export const tokens = css`
  :host {
    color-scheme: light dark;

    --rc-surface: var(--call-surface, light-dark(#f4f6f9, #101318));
    --rc-raised: var(--call-surface-raised, light-dark(#ffffff, #1a1f27));
    --rc-text: var(--call-text, light-dark(#131820, #f0f3f8));
    --rc-muted: var(--call-text-muted, light-dark(#556070, #a5b0be));
    --rc-border: var(--call-border, light-dark(#d5dbe4, #323b47));
    --rc-accent: var(--call-accent, light-dark(#2257d6, #86b0ff));
    --rc-on-accent: var(--call-on-accent, light-dark(#ffffff, #0a1428));
    --rc-danger: var(--call-danger, #d32f2f);
    --rc-on-danger: var(--call-on-danger, #ffffff);
    --rc-speaking: var(--call-speaking, light-dark(#149254, #3ddc84));
    --rc-tile: var(--call-tile, light-dark(#e2e7ee, #222933));
    --rc-radius: var(--call-radius, 14px);
    --rc-gap: var(--call-gap, 10px);
    --rc-control: var(--call-control-size, 48px);
    --rc-height: var(--call-height, clamp(480px, 80vh, 860px));

    --rc-danger-ink: light-dark(#a81f1f, #ffb3ab);
    --rc-danger-soft: color-mix(in srgb, var(--rc-danger) 14%, var(--rc-raised));
    --rc-shadow: 0 1px 2px rgb(0 0 0 / 8%), 0 8px 24px rgb(0 0 0 / 8%);
  }
`;

/**
 * The host of the whole interface: a box with a height of its own, whatever the page forgot. The page's font comes in,
 * and none of its other text settings.
 */
export const hostStyles = css`
  :host {
    /* A grid, so that the screen fills it where a page gives it its height by flex or grid, which no percentage sees. */
    display: grid;
    grid-template: minmax(0, 1fr) / minmax(0, 1fr);
    box-sizing: border-box;
    position: relative;
    block-size: var(--rc-height);
    overflow: hidden;
    border-radius: var(--rc-radius);
    background: var(--rc-surface);
    color: var(--rc-text);
    font-size: clamp(14px, 1em, 18px);
    font-style: normal;
    font-weight: 400;
    line-height: 1.45;
    letter-spacing: normal;
    word-spacing: normal;
    text-align: start;
    text-indent: 0;
    text-transform: none;
    text-shadow: none;
    white-space: normal;
    cursor: auto;
  }
  :host([hidden]) {
    display: none;
  }
`;
