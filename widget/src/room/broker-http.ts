import { parseErrorBody } from '#protocol';
import { BrokerError, type Clock } from '../call/ports.ts';

export type Fetch = typeof globalThis.fetch;

export interface BrokerRequest {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  bearer: string;
  body?: object | undefined;
  /** For the whole exchange, the answer's body included. */
  timeoutMs: number;
  /** The call outlives the page. */
  keepalive?: boolean;
}

export interface BrokerHttpOptions {
  base: string;
  fetch: Fetch;
  clock: Clock;
}

/** JSON calls to one broker. A POST holds its bearer in the body: without headers it needs no preflight. */
export class BrokerHttp {
  readonly #options: BrokerHttpOptions;

  constructor(options: BrokerHttpOptions) {
    this.#options = options;
  }

  /** Resolves with the parsed JSON of a good answer, undefined where it is empty. Throws {@link BrokerError}. */
  async call({ method, path, bearer, body, timeoutMs, keepalive = false }: BrokerRequest): Promise<unknown> {
    const { base, fetch, clock } = this.#options;
    const { response, text } = await readWithin(clock, timeoutMs, (signal) =>
      fetch(base + path, {
        method,
        ...(method === 'POST'
          ? { body: JSON.stringify({ ...body, bearer }) }
          : { headers: { authorization: `Bearer ${bearer}` }, ...(body && { body: JSON.stringify(body) }) }),
        credentials: 'omit',
        cache: 'no-store',
        keepalive,
        signal,
      }),
    ).catch((error: unknown) => {
      throw new BrokerError(0, 'no_answer', `${method} ${path}: no answer`, { cause: error });
    });
    const parsed = parseBody(text);
    if (response.ok && parsed !== INVALID) return parsed;
    throw refusalOf(response.status, parsed);
  }
}

/** Runs a fetch and reads its body, both within `timeoutMs`. */
export async function readWithin(
  clock: Clock,
  timeoutMs: number,
  run: (signal: AbortSignal) => Promise<Response>,
  signal?: AbortSignal,
): Promise<{ response: Response; text: string }> {
  const timeout = new AbortController();
  const either = AbortSignal.any([timeout.signal, ...(signal ? [signal] : [])]);
  const cancel = clock.setTimeout(() => timeout.abort(new DOMException('', 'TimeoutError')), timeoutMs);
  try {
    const response = await run(either);
    return { response, text: await response.text() };
  } catch (error) {
    // A body that is cut off rejects with an error of its own; what cut it off is what matters.
    throw either.aborted ? either.reason : error;
  } finally {
    cancel();
  }
}

const INVALID = Symbol('not JSON');

function parseBody(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return INVALID;
  }
}

function refusalOf(status: number, body: unknown): BrokerError {
  try {
    const { errorCode, errorDescription } = parseErrorBody(body);
    return new BrokerError(status, errorCode, errorDescription || errorCode);
  } catch {
    // Some proxy's page, or another server than a broker.
    return new BrokerError(status, 'not_json', `status ${status} without the broker's JSON`);
  }
}
