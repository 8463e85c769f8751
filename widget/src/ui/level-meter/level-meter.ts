import { ContextConsumer } from '@lit/context';
import { css, html, LitElement } from 'lit';
import { callContext } from '../context.ts';
import { define } from '../define.ts';
import { base } from '../theme/base.ts';

/** A bar falls back this much per frame at most, so that it does not flicker between syllables. */
const FALL_PER_FRAME = 0.04;

/**
 * How loud a participant is now. It moves with the animation frames, outside the state, so a syllable renders nothing.
 * Give it an `aria-label`, or hide it with `aria-hidden`.
 */
export class LevelMeterElement extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        position: relative;
        overflow: hidden;
        block-size: 6px;
        border-radius: 3px;
        background: color-mix(in srgb, currentcolor 16%, transparent);
      }
      div {
        block-size: 100%;
        inline-size: calc(var(--level, 0) * 100%);
        border-radius: inherit;
        background: var(--rc-speaking);
      }
      @media (forced-colors: active) {
        :host {
          outline: 1px solid CanvasText;
        }
        div {
          background: Highlight;
        }
      }
    `,
  ];
  static override properties = { participantId: { attribute: 'participant' } };

  /** Whose; `self` is me. */
  participantId = 'self';

  readonly #call = new ContextConsumer(this, { context: callContext, subscribe: true });
  #level = 0;
  #frame = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.hasAttribute('aria-hidden')) {
      this.role = 'meter';
      this.ariaValueMax = '100';
      this.ariaValueNow = '0';
    }
    this.#frame = requestAnimationFrame(this.#poll);
  }

  override disconnectedCallback(): void {
    cancelAnimationFrame(this.#frame);
    super.disconnectedCallback();
  }

  #poll = (): void => {
    this.#frame = requestAnimationFrame(this.#poll);
    const heard = Math.min(1, this.#call.value?.media.level(this.participantId) ?? 0);
    const level = Math.max(heard, this.#level - FALL_PER_FRAME, 0);
    if (level === this.#level) return;
    this.#level = level;
    this.style.setProperty('--level', level.toFixed(3));
    // In tens, for a screen reader that watches should not be flooded.
    const spoken = String(Math.round(level * 10) * 10);
    if (this.role === 'meter' && this.ariaValueNow !== spoken) this.ariaValueNow = spoken;
  };

  protected override render(): unknown {
    return html`<div></div>`;
  }
}
define('rc-level-meter', LevelMeterElement);

declare global {
  interface HTMLElementTagNameMap {
    'rc-level-meter': LevelMeterElement;
  }
}
