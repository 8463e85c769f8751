import { afterEach } from 'vitest';
import type { Fetch } from '../room/broker-http.ts';
import { failOnViolation, noteRequest } from './sfu-shapes.ts';

export interface FetchCall {
  method: string;
  url: URL;
  headers: Headers;
  /** Without the bearer, which may be in it. */
  body: unknown;
  bearer: string | undefined;
  init: RequestInit;
}

/** Answers one call. A promise that never settles is a server that never answers. */
export type Answer = (call: FetchCall) => Response | Promise<Response>;

/** The SFU's own calls, by way of the broker. */
const SFU_PATH = /^\/rooms\/[^/]+(\/sessions\/.*)$/;
/** Answers that break the shapes of the SFU's API on purpose, with the reason. */
const misshapenAnswers = new WeakMap<Answer, string>();

failOnViolation(afterEach);

/**
 * A network in the hands of a test: each call takes the next answer, and the last one stays. The SFU's own calls, and their
 * answers, are held to the shapes of its API.
 */
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
    const headers = new Headers(init.headers);
    const { bearer = headers.get('authorization')?.replace('Bearer ', ''), ...body } = (
      typeof init.body === 'string' ? JSON.parse(init.body) : {}
    ) as { bearer?: string };
    const call: FetchCall = {
      method: init.method ?? 'GET',
      url: new URL(input instanceof Request ? input.url : input),
      headers,
      body: Object.keys(body).length > 0 ? body : undefined,
      bearer,
      init,
    };
    this.calls.push(call);
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    if (!answer) throw new TypeError('nobody answers here');
    const { signal } = init;
    const aborted = new Promise<never>((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason as Error)),
    );
    return Promise.race([answerHeld(call, answer), aborted]);
  };
}

async function answerHeld(call: FetchCall, answer: Answer): Promise<Response> {
  const [, path] = SFU_PATH.exec(call.url.pathname) ?? [];
  if (path === undefined) return answer(call);
  const answered = noteRequest(call.method, path + call.url.search, call.body);
  const response = await answer(call);
  if (misshapenAnswers.has(answer)) return response;
  const text = await response.clone().text();
  answered(response.status, text === '' ? undefined : JSON.parse(text));
  return response;
}

/** An answer that is not the SFU's API, and why a test wants it so. */
export function misshapen(why: string, answer: Answer): Answer {
  misshapenAnswers.set(answer, why);
  return answer;
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
