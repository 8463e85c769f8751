import type { Fetch } from '../room/broker-http.ts';

export interface FetchCall {
  method: string;
  url: URL;
  headers: Headers;
  body: unknown;
  init: RequestInit;
}

/** Answers one call. A promise that never settles is a server that never answers. */
export type Answer = (call: FetchCall) => Response | Promise<Response>;

/** A network in the hands of a test: each call takes the next answer, and the last one stays. */
export class FakeFetch {
  readonly calls: FetchCall[] = [];
  readonly #answers: Answer[];

  constructor(...answers: Answer[]) {
    this.#answers = answers;
  }

  get lastCall(): FetchCall {
    return this.calls.at(-1)!;
  }

  /** Like the browser's, it rejects with the reason of the signal that aborts it. */
  readonly fetch: Fetch = async (input, init = {}) => {
    init.signal?.throwIfAborted();
    const call: FetchCall = {
      method: init.method ?? 'GET',
      url: new URL(input instanceof Request ? input.url : input),
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
      init,
    };
    this.calls.push(call);
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    if (!answer) throw new TypeError('nobody answers here');
    const { signal } = init;
    const aborted = new Promise<never>((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason as Error)),
    );
    return Promise.race([Promise.resolve(answer(call)), aborted]);
  };
}

export function json(body: unknown, status = 200): Answer {
  return () => Response.json(body, { status });
}

export function text(body: string, status = 200): Answer {
  return () => new Response(body, { status });
}

/** The server takes the call and never says a word. */
export const silence: Answer = () => new Promise<never>(() => {});

/** The network is down. */
export const unreachable: Answer = () => Promise.reject(new TypeError('Failed to fetch'));

/** The answer begins, and its body never ends. Its signal cuts it off. */
export const endlessBody: Answer = ({ init }) =>
  new Response(
    new ReadableStream({
      start: (controller) => init.signal?.addEventListener('abort', () => controller.error(init.signal?.reason)),
    }),
  );
