import { css, html, LitElement, type PropertyValues } from 'lit';
import type { CallState } from '../../call/state.ts';
import { define } from '../define.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { screenSharers } from '../tile-grid/tiles.ts';
import { SelectController } from '../view-controller.ts';

interface Presence {
  /** Name by participant, self excepted. */
  here: Readonly<Record<string, string>>;
  sharing: readonly string[];
}

/** Tells screen readers, politely, who came, who went and who shares the screen. */
export class AnnouncerElement extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        position: absolute;
      }
    `,
  ];
  static override properties = { text: { state: true } };

  private text = '';

  readonly #presence = new SelectController(this, selectPresence);
  #known: Presence | undefined;

  protected override willUpdate(_changed: PropertyValues): void {
    const now = this.#presence.value;
    if (!now) return;
    // Whoever was here before me is no news.
    const news = this.#known ? describe(this.#known, now) : '';
    this.#known = now;
    if (news) this.text = news;
  }

  protected override render(): unknown {
    return html`<p class="unseen" role="status">${this.text}</p>`;
  }
}
define('rc-announcer', AnnouncerElement);

function selectPresence({ call }: CallState): Presence {
  if (call.phase !== 'in-call') return { here: {}, sharing: [] };
  const others = call.participants.filter(({ id }) => id !== call.selfId);
  return {
    here: Object.fromEntries(others.map(({ id, name }) => [id, name || strings.guest])),
    sharing: screenSharers(call),
  };
}

/** What changed, in words. */
function describe(before: Presence, now: Presence): string {
  const joined = namesOnlyIn(now, before);
  const gone = namesOnlyIn(before, now);
  const sharing = now.sharing.filter((id) => !before.sharing.includes(id)).map((id) => now.here[id] ?? '');
  const sentences = [
    joined.length > 0 && strings.joined(joined),
    gone.length > 0 && strings.gone(gone),
    sharing.length > 0 && strings.shares(sharing),
  ];
  return sentences.filter(Boolean).join('. ');
}

function namesOnlyIn(one: Presence, other: Presence): string[] {
  return Object.entries(one.here).flatMap(([id, name]) => (Object.hasOwn(other.here, id) ? [] : name));
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-announcer': AnnouncerElement;
  }
}
