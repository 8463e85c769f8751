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
    isSame: (a: T | undefined, b: T | undefined) => boolean,
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

/** A slice of the call's state. Slices are compared by what they hold, which JSON must be able to tell. */
export class SelectController<T> extends ViewController<T> {
  constructor(host: Host, select: (state: CallState) => T) {
    super(
      host,
      (view) => select(view.state),
      (view) => view,
      (a, b) => JSON.stringify(a) === JSON.stringify(b),
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
      Object.is,
    );
  }
}
