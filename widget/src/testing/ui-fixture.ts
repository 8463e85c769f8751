import 'axe-core/axe.min.js';
import type { run as runAxe } from 'axe-core';
import { html, LitElement, render, type TemplateResult } from 'lit';
import type { CallRequest } from '../call/request.ts';
import { CallRequestEvent } from '../ui/request-event.ts';
import { renderScreen } from '../ui/screen.ts';
import { hostStyles, tokens } from '../ui/theme/tokens.ts';
import { SelectController } from '../ui/view-controller.ts';
import type { FakeCallView } from './fake-call-view.ts';

/** axe-core is no module: it leaves itself on the window. */
declare const axe: { run: typeof runAxe };

/** Stands where `<realtime-call>` stands in a page: the theme and the screen of the phase. */
class ScreenFixture extends LitElement {
  static override styles = [tokens, hostStyles];

  private readonly phase = new SelectController(this, ({ call }) => call.phase);

  protected override render(): unknown {
    return this.phase.value && renderScreen(this.phase.value);
  }
}
customElements.define('screen-fixture', ScreenFixture);

export interface Fixture {
  /** The element asked for. */
  element: HTMLElement;
  /** What was asked with CallRequestEvent, in order. */
  requests: CallRequest[];
  /**
   * The first match in document order, itself included; throws where there is none. A space in the selector goes through
   * shadow roots too: `rc-control-bar button`.
   */
  find<E extends HTMLElement = HTMLElement>(selector: string): E;
  findAll(selector: string): HTMLElement[];
  /** All elements have rendered what they know, and know their size. */
  settled(): Promise<void>;
}

/** Puts the screen of the view's phase into the page. */
export function mountScreen(view: FakeCallView): Promise<Fixture> {
  return mount(view, html`<screen-fixture></screen-fixture>`);
}

/** Puts one element into the page, with the view around it and the theme's defaults. */
export async function mount(view: FakeCallView, template: TemplateResult): Promise<Fixture> {
  const container = document.createElement('div');
  const requests: CallRequest[] = [];
  container.addEventListener('call-request', (event) => {
    requests.push((event as CallRequestEvent).request);
  });
  view.provideTo(container);
  document.body.append(container);
  render(template, container);
  const element = container.firstElementChild as HTMLElement;
  const fixture: Fixture = {
    element,
    requests,
    find<E extends HTMLElement>(selector: string): E {
      const [first] = fixture.findAll(selector);
      if (!first) throw new Error(`nothing matches ${selector}`);
      return first as E;
    },
    findAll: (selector) =>
      selector
        .split(' ')
        .reduce<HTMLElement[]>(
          (roots, part) => roots.flatMap(deep).filter((found) => found.matches(part)),
          [container],
        ),
    settled: () => settle(container),
  };
  await fixture.settled();
  return fixture;
}

/** Empties the page: the last line of every suite. */
export function unmount(): void {
  document.body.replaceChildren();
}

/** The accessibility faults axe finds, each as one readable line. */
export async function faultsIn(element: HTMLElement): Promise<string[]> {
  const { violations } = await axe.run(element, { resultTypes: ['violations'] });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}

/** The element that has the focus, through the shadow trees. */
export function focused(): Element | null {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found;
}

/** Resolves when `isTrue` is, looking at each animation frame; rejects with `what` after two seconds. */
export async function until(what: string, isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 2000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`never came: ${what}`);
    await nextFrame();
  }
}

export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => resolve());
  });
}

/** A moving picture without a camera. The caller stops nothing: it ends with the page. */
export function pictureStream(width = 320, height = 180): MediaStream {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  const draw = (): void => {
    context?.fillRect(Math.random() * width, Math.random() * height, 8, 8);
    requestAnimationFrame(draw);
  };
  draw();
  return canvas.captureStream();
}

async function settle(container: HTMLElement): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const pending = deep(container).filter((found) => found instanceof LitElement && found.isUpdatePending);
    if (pending.length === 0) return observed();
    await Promise.all(pending.map((found) => (found as LitElement).updateComplete));
  }
  throw new Error('the elements render without end');
}

/** Observers of sizes have been told: that comes after the callbacks of a frame. */
async function observed(): Promise<void> {
  await nextFrame();
  await nextFrame();
}

/** Every element below, through open shadow roots, in document order. */
function deep(root: Element | ShadowRoot): HTMLElement[] {
  const children = [...((root instanceof Element && root.shadowRoot?.children) || []), ...root.children];
  return children.flatMap((child) => [child as HTMLElement, ...deep(child)]);
}
