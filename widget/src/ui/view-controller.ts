import { ContextConsumer } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Source } from '#protocol';
import type { CallState } from '../call/state.ts';
import type { CallView } from '../call/view.ts';
import { callContext } from './context.ts';

type Host = ReactiveControllerHost & HTMLElement;

/** Reads one thing of the call around its host, and renders the host when that thing changed, not before. */
class ViewController<T> implements ReactiveController {
  readonly #read: (view: CallView) => T;
  readonly #consumer: ContextConsumer<typeof callContext, Host>;
  #rendered: T | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(
    host: Host,
    read: (view: CallView) => T,
    /** Where to hear that it may have changed. */
    source: (view: CallView) => Pick<CallView, 'subscribe'>,
  ) {
    this.#read = read;
    host.addController(this);
    // It asks again, and attaches again, each time the host comes back into a page.
    this.#consumer = new ContextConsumer(host, {
      context: callContext,
      subscribe: true,
      callback: (view) => {
        this.#unsubscribe?.();
        this.#unsubscribe = source(view).subscribe(() => {
          if (!isSame(read(view), this.#rendered)) host.requestUpdate();
        });
      },
    });
  }

  /** As it is now, for it may depend on the host's properties too. Undefined where no call is around the host. */
  get value(): T | undefined {
    const view = this.#consumer.value;
    return view && this.#read(view);
  }

  hostUpdate(): void {
    this.#rendered = this.value;
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}

/** A slice of the call's state. Slices are compared one level deep. */
export class SelectController<T> extends ViewController<T> {
  constructor(host: Host, select: (state: CallState) => T) {
    super(
      host,
      (view) => select(view.state),
      (view) => view,
    );
  }
}

/** The stream of a participant's source. */
export class StreamController extends ViewController<MediaStream | undefined> {
  constructor(host: Host, which: () => readonly [participantId: string, source: Source]) {
    super(
      host,
      (view) => view.media.stream(...which()),
      (view) => view.media,
    );
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
