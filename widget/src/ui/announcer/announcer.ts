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
  /** Name of each who waits to be let in. */
  waiting: ReadonlyMap<string, string>;
}

/** Tells screen readers, politely, who came, who went, who shares the screen and who waits to be let in. */
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
    const { here, sharing, waiting } = JSON.parse(value) as ReturnType<typeof selectPresence>;
    const now: Presence = { here: new Map(here), sharing, waiting: new Map(waiting) };
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

type Named = [id: string, name: string];

function selectPresence({ call }: CallState): { here: Named[]; sharing: string[]; waiting: Named[] } {
  if (call.phase !== 'in-call') return { here: [], sharing: [], waiting: [] };
  const others = call.participants.filter(({ id }) => id !== call.selfId);
  return { here: others.map(named), sharing: screenSharers(call), waiting: call.knocks.map(named) };
}

function named({ id, name }: { id: string; name: string }): Named {
  return [id, name || strings.guest];
}

function newIn(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  return [...now].filter(([id]) => !before.has(id)).map(([, name]) => name);
}

/** What changed, in words. */
function describe(before: Presence, now: Presence): string {
  const joined = newIn(before.here, now.here);
  const gone = newIn(now.here, before.here);
  const waiting = newIn(before.waiting, now.waiting);
  const sharing = now.sharing.filter((id) => !before.sharing.includes(id)).map((id) => now.here.get(id) ?? '');
  const sentences = [
    joined.length > 0 && strings.joined(joined),
    gone.length > 0 && strings.gone(gone),
    sharing.length > 0 && strings.shares(sharing),
    waiting.length > 0 && strings.waits(waiting),
  ];
  return sentences.filter(Boolean).join('. ');
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-announcer': AnnouncerElement;
  }
}
