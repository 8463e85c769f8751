import { CallError } from '../call/errors.ts';
import type { Clock } from '../call/ports.ts';
import { readWithin, type Fetch } from './broker-http.ts';
import { looksLikeToken } from './room-token.ts';

export const TOKEN_URL_TIMEOUT_MS = 10_000;

/** Where a token can come from, as the tag says now. */
export interface TokenSettings {
  room: string;
  token: string;
  /** Absolute, or empty. */
  tokenUrl: string;
}

export type TokenNeed = 'missing' | 'refused';

export interface TokenSourceOptions {
  settings(): TokenSettings;
  /** Asks the page; undefined where it does not answer. */
  askPage(need: TokenNeed): Promise<string> | undefined;
  /** A random id that stays with this tab. */
  guestId(): Promise<string>;
  fetch: Fetch;
  clock: Clock;
}

/** The room token: given in the tag, by the page, or fetched from the site. Keeps the last one until it is refused. */
export class TokenSource {
  readonly #options: TokenSourceOptions;
  #held: { for: string; token: Promise<string> } | undefined;
  /** Refused once, so of no more use. */
  #refused = '';

  constructor(options: TokenSourceOptions) {
    this.#options = options;
  }

  /** The token held, or a new one. Throws CallError. */
  async current(signal: AbortSignal): Promise<string> {
    const settings = this.#options.settings();
    const key = JSON.stringify(settings);
    if (this.#held?.for !== key) this.#hold(key, this.#find(settings, 'missing', signal), signal);
    return this.#held!.token;
  }

  /** Another token than `refused`; undefined where nobody is left to ask. Throws CallError. */
  async another(refused: string, signal: AbortSignal): Promise<string | undefined> {
    const settings = this.#options.settings();
    this.#refused = refused;
    this.#held = undefined;
    const token = await this.#find(settings, 'refused', signal).catch((error: unknown) => {
      if (error instanceof CallError && error.code === 'token-missing') return '';
      throw error;
    });
    if (token === '' || token === refused) return undefined;
    this.#hold(JSON.stringify(settings), Promise.resolve(token), signal);
    return token;
  }

  /** What failed or was given up is not kept. */
  #hold(key: string, token: Promise<string>, signal: AbortSignal): void {
    const held = { for: key, token };
    const drop = () => {
      if (this.#held === held) this.#held = undefined;
    };
    this.#held = held;
    signal.addEventListener('abort', drop);
    token.then(() => signal.removeEventListener('abort', drop), drop);
  }

  async #find({ room, token, tokenUrl }: TokenSettings, need: TokenNeed, signal: AbortSignal): Promise<string> {
    if (token !== '' && token !== this.#refused) return token;
    const given = await this.#options.askPage(need)?.catch((error: unknown) => {
      throw new CallError('token-missing', String(error), { cause: error });
    });
    if (given) return given;
    if (given === undefined && tokenUrl !== '') return this.#fetch(tokenUrl, room, signal);
    throw new CallError('token-missing', 'neither the tag nor the page gave a token');
  }

  async #fetch(tokenUrl: string, room: string, signal: AbortSignal): Promise<string> {
    const { clock, fetch, guestId } = this.#options;
    const url = new URL(tokenUrl);
    url.searchParams.set('room', room);
    url.searchParams.set('guest', await guestId());
    const { response, text } = await readWithin(
      clock,
      TOKEN_URL_TIMEOUT_MS,
      (signal) =>
        fetch(url, {
          headers: { accept: 'application/json' },
          credentials: 'same-origin',
          cache: 'no-store',
          signal,
        }),
      signal,
    ).catch((error: unknown) => {
      const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
      const code = isTimeout ? 'token-url-timeout' : 'token-url-failed';
      throw new CallError(code, `${tokenUrl} did not answer`, { cause: error });
    });
    return readAnswer(tokenUrl, response.status, text);
  }
}

function readAnswer(tokenUrl: string, status: number, text: string): string {
  if (status === 401 || status === 403) throw new CallError('token-url-unauthorized', `${tokenUrl} answered ${status}`);
  if (status < 200 || status > 299) throw new CallError('token-url-failed', `${tokenUrl} answered ${status}`);
  const token = unwrap(text.trim());
  if (!looksLikeToken(token)) throw new CallError('token-url-not-token', `${tokenUrl} gave no token`);
  return token;
}

/** `{"token":"…"}`, the token as a JSON string, or the bare token. */
function unwrap(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const token = typeof value === 'object' && value !== null && 'token' in value ? value.token : value;
    return typeof token === 'string' ? token : '';
  } catch {
    return text;
  }
}
