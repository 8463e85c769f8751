import { describe, expect, it } from 'vitest';
import { CallError } from '../call/errors.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { endlessBody, FakeFetch, json, silence, text, unreachable, type Answer } from '../testing/fake-fetch.ts';
import { unsignedToken } from '../testing/unsigned-token.ts';
import { TOKEN_URL_TIMEOUT_MS, TokenSource, type TokenNeed, type TokenSettings } from './token-source.ts';

const TOKEN = unsignedToken();
const OTHER = unsignedToken({ sub: 'other' });
const URL = { room: 'studio', token: '', tokenUrl: 'https://site.example/call-token?lang=en' };

function setUp(
  settings: TokenSettings,
  answers: Answer[] = [],
  askPage: (need: TokenNeed) => Promise<string> | undefined = () => undefined,
) {
  const clock = new FakeClock();
  const network = new FakeFetch(...answers);
  const { signal } = new AbortController();
  const tokens = new TokenSource({
    settings: () => settings,
    askPage,
    guestId: async () => 'guest-1',
    fetch: network.fetch,
    clock,
  });
  return { tokens, network, clock, signal, current: () => tokens.current(signal) };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
  return error instanceof CallError ? error.code : String(error);
}

describe('a token in the tag', () => {
  it('is used as it is, and nobody is asked', async () => {
    const asked: TokenNeed[] = [];
    const { current, network } = setUp({ ...URL, token: TOKEN }, [], (need) => void asked.push(need));
    expect(await current()).toBe(TOKEN);
    expect(network.calls).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('that is refused is replaced by one of token-url', async () => {
    const { tokens, signal } = setUp({ ...URL, token: TOKEN }, [json({ token: OTHER })]);
    expect(await tokens.another(TOKEN, signal)).toBe(OTHER);
    expect(await tokens.current(signal)).toBe(OTHER);
  });

  it('that is refused is the last one where there is no other source', async () => {
    const { tokens, signal } = setUp({ room: 'studio', token: TOKEN, tokenUrl: '' });
    expect(await tokens.another(TOKEN, signal)).toBeUndefined();
  });
});

describe('token-url', () => {
  it('is asked with room and guest, and what else the site put there', async () => {
    const { current, network } = setUp(URL, [json({ token: TOKEN })]);
    await current();
    expect(String(network.lastCall.url)).toBe('https://site.example/call-token?lang=en&room=studio&guest=guest-1');
    expect(network.lastCall.headers.get('accept')).toBe('application/json');
    expect(network.lastCall.init).toMatchObject({ credentials: 'same-origin', cache: 'no-store' });
  });

  it.each([
    ['JSON with a token', json({ token: TOKEN })],
    ['a JSON string', json(TOKEN)],
    ['the bare token', text(`${TOKEN}\n`)],
  ])('may answer with %s', async (_, answer) => {
    expect(await setUp(URL, [answer]).current()).toBe(TOKEN);
  });

  it.each([
    ['401', text('', 401), 'token-url-unauthorized'],
    ['403', text('', 403), 'token-url-unauthorized'],
    ['404', text('', 404), 'token-url-failed'],
    ['500', text(TOKEN, 500), 'token-url-failed'],
    ['nothing, the network being down', unreachable, 'token-url-failed'],
    ['a page', text('<!doctype html><title>Sign in</title>'), 'token-url-not-token'],
    ['JSON without a token', json({ error: 'x' }), 'token-url-not-token'],
    ['JSON with another type', json({ token: 7 }), 'token-url-not-token'],
    ['null', json(null), 'token-url-not-token'],
    ['an empty body', text(''), 'token-url-not-token'],
  ])('that answers %s', async (_, answer, code) => {
    expect(await codeOf(setUp(URL, [answer]).current())).toBe(code);
  });

  it.each([
    ['never', silence],
    ['with a body that never ends', endlessBody],
  ])('that answers %s is given up', async (_, answer) => {
    const { current, clock } = setUp(URL, [answer]);
    const code = codeOf(current());
    await clock.advance(TOKEN_URL_TIMEOUT_MS);
    expect(await code).toBe('token-url-timeout');
    expect(clock.pending).toBe(0);
  });

  it('is asked once for many who need the token at the same time, and again once it failed', async () => {
    const { current, network } = setUp(URL, [text('', 500), json({ token: TOKEN })]);
    expect(await Promise.all([codeOf(current()), codeOf(current())])).toEqual(['token-url-failed', 'token-url-failed']);
    expect(network.calls).toHaveLength(1);
    expect(await Promise.all([current(), current()])).toEqual([TOKEN, TOKEN]);
    expect(network.calls).toHaveLength(2);
  });

  it('is asked anew by whoever comes right after an attempt that was given up', async () => {
    const { tokens, network } = setUp(URL, [silence, json({ token: TOKEN })]);
    const first = new AbortController();
    const given = codeOf(tokens.current(first.signal));
    await settle();
    first.abort();
    expect(await tokens.current(new AbortController().signal)).toBe(TOKEN);
    expect(await given).toBe('token-url-failed');
    expect(network.calls).toHaveLength(2);
  });

  it('that gives the refused token again has nothing more to give', async () => {
    const { tokens, signal } = setUp(URL, [json({ token: TOKEN })]);
    expect(await tokens.another(TOKEN, signal)).toBeUndefined();
  });
});

describe('the page', () => {
  it('is asked before token-url', async () => {
    const asked: TokenNeed[] = [];
    const { current, network } = setUp(URL, [json({ token: OTHER })], async (need) => {
      asked.push(need);
      return TOKEN;
    });
    expect(await current()).toBe(TOKEN);
    expect(asked).toEqual(['missing']);
    expect(network.calls).toEqual([]);
  });

  it('that wants nobody else to be asked is heeded', async () => {
    const { current, network } = setUp(URL, [json({ token: OTHER })], async () => '');
    expect(await codeOf(current())).toBe('token-missing');
    expect(network.calls).toEqual([]);
  });

  it('that promises a token and fails is told of, in its own words', async () => {
    const { current } = setUp(URL, [], () => Promise.reject(new Error('not signed in')));
    await expect(current()).rejects.toMatchObject({ code: 'token-missing', message: 'Error: not signed in' });
  });

  it('is told when its token was refused', async () => {
    const asked: TokenNeed[] = [];
    const { tokens, signal } = setUp({ ...URL, tokenUrl: '' }, [], async (need) => {
      asked.push(need);
      return OTHER;
    });
    expect(await tokens.another(TOKEN, signal)).toBe(OTHER);
    expect(asked).toEqual(['refused']);
  });
});

it('a changed tag is a new question', async () => {
  const settings = { ...URL, token: TOKEN };
  const { current } = setUp(settings);
  await current();
  settings.token = OTHER;
  expect(await current()).toBe(OTHER);
});
