import { css, html, LitElement, type PropertyValues } from 'lit';
import type { CallState } from '../../call/state.ts';
import { define } from '../define.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { screenSharers } from '../tile-grid/tiles.ts';
import { SelectController } from '../view-controller.ts';

interface Presence {
  /** Name by participant, self excepted. */
  here: ReadonlyMap<string, string>;
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

  readonly #presence = new SelectController(this, (state) => JSON.stringify(selectPresence(state)));
  #known: Presence | undefined;

  protected override willUpdate(_changed: PropertyValues): void {
    const value = this.#presence.value;
    if (value === undefined) return;
    const { here, sharing } = JSON.parse(value) as { here: [string, string][]; sharing: string[] };
    const now: Presence = { here: new Map(here), sharing };
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

function selectPresence({ call }: CallState): { here: [string, string][]; sharing: string[] } {
  if (call.phase !== 'in-call') return { here: [], sharing: [] };
  const others = call.participants.filter(({ id }) => id !== call.selfId);
  return { here: others.map(({ id, name }) => [id, name || strings.guest]), sharing: screenSharers(call) };
}

/** What changed, in words. */
function describe(before: Presence, now: Presence): string {
  const joined = [...now.here].filter(([id]) => !before.here.has(id)).map(([, name]) => name);
  const gone = [...before.here].filter(([id]) => !now.here.has(id)).map(([, name]) => name);
  const sharing = now.sharing.filter((id) => !before.sharing.includes(id)).map((id) => now.here.get(id) ?? '');
  const sentences = [
    joined.length > 0 && strings.joined(joined),
    gone.length > 0 && strings.gone(gone),
    sharing.length > 0 && strings.shares(sharing),
  ];
  return sentences.filter(Boolean).join('. ');
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-announcer': AnnouncerElement;
  }
}
