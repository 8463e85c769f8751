import { ContextConsumer } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Source } from '#protocol';
import type { CallState } from '../call/state.ts';
import { callContext, type CallView } from './context.ts';

type Host = ReactiveControllerHost & HTMLElement;

/** Reads one thing of the call around its host, and renders the host when that thing changed, not before. */
abstract class ViewController<T> implements ReactiveController {
  readonly #host: Host;
  readonly #consumer: ContextConsumer<typeof callContext, Host>;
  #rendered: T | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
    // It asks again, and attaches again, each time the host comes back into a page.
    this.#consumer = new ContextConsumer(host, {
      context: callContext,
      subscribe: true,
      callback: (view) => this.#attach(view),
    });
  }

  /** As it is now, for it may depend on the host's properties too. Undefined where no call is around the host. */
  get value(): T | undefined {
    const view = this.#consumer.value;
    return view && this.read(view);
  }

  hostUpdate(): void {
    this.#rendered = this.value;
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  protected abstract read(view: CallView): T;
  protected abstract watch(view: CallView, listener: () => void): () => void;

  #attach(view: CallView): void {
    this.#unsubscribe?.();
    this.#unsubscribe = this.watch(view, () => {
      if (!isSame(this.read(view), this.#rendered)) this.#host.requestUpdate();
    });
  }
}

/** A slice of the call's state. Slices are compared one level deep. */
export class SelectController<T> extends ViewController<T> {
  readonly #select: (state: CallState) => T;

  constructor(host: Host, select: (state: CallState) => T) {
    super(host);
    this.#select = select;
  }

  protected override read(view: CallView): T {
    return this.#select(view.state);
  }

  protected override watch(view: CallView, listener: () => void): () => void {
    return view.subscribe(listener);
  }
}

/** The stream of a participant's source. */
export class StreamController extends ViewController<MediaStream | undefined> {
  readonly #which: () => readonly [participantId: string, source: Source];

  constructor(host: Host, which: () => readonly [participantId: string, source: Source]) {
    super(host);
    this.#which = which;
  }

  protected override read(view: CallView): MediaStream | undefined {
    return view.media.stream(...this.#which());
  }

  protected override watch(view: CallView, listener: () => void): () => void {
    return view.media.subscribe(listener);
  }
}

/** Are two values equal, one level deep? Plain objects and arrays only; anything else is compared by identity. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && Object.is(a[key], b[key]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}
