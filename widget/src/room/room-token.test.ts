import { describe, expect, it } from 'vitest';
import { unsignedToken } from '../testing/unsigned-token.ts';
import { explainRefusal, looksLikeToken, readHint } from './room-token.ts';

describe('the hint of a token', () => {
  it('tells name and rights, whatever the clock of this machine says', () => {
    expect(readHint(unsignedToken({ name: 'Zoë', role: 'guest' }))).toEqual({
      name: 'Zoë',
      publish: ['audio', 'video', 'screen'],
    });
    expect(readHint(unsignedToken({ role: 'listener' }))).toEqual({ publish: [] });
    expect(readHint(unsignedToken({ grants: { publish: ['audio', 'smell'] } }))).toEqual({ publish: ['audio'] });
    expect(readHint(unsignedToken({ role: 'host', grants: { chat: false } }))).toMatchObject({
      publish: ['audio', 'video', 'screen'],
    });
  });

  it('tells of no right where none is given', () => {
    expect(readHint(unsignedToken({ role: undefined, grants: undefined }))).toEqual({ publish: [] });
    expect(readHint(unsignedToken({ role: undefined, grants: { publish: 'audio' } }))).toEqual({ publish: [] });
  });

  it.each(['', 'x', 'a.b.c', unsignedToken({ role: 'king' }), `a.${btoa('null')}.c`, `a.${btoa('[]')}.c`])(
    'is empty where it cannot be read: %s',
    (token) => {
      expect(readHint(token)).toEqual({});
    },
  );
});

describe('why a token was refused', () => {
  const now = 1_000_000;
  it.each([
    ['nothing readable', 'no-token-at-all', 'token-malformed'],
    ['no JSON', 'a.b.c', 'token-malformed'],
    ['a claim is missing', unsignedToken({ sub: undefined }), 'token-malformed'],
    ['for somebody else’s service', unsignedToken({ aud: 'other' }), 'token-malformed'],
    ['of a role that is none', unsignedToken({ role: 'toString' }), 'token-malformed'],
    ['without a time', unsignedToken({ iat: '100' }), 'token-malformed'],
    ['good for too long', unsignedToken({ iat: 900, exp: 900 + 86_401 }), 'token-malformed'],
    ['expired', unsignedToken({ iat: 100, exp: 200 }), 'token-expired'],
    ['not valid yet', unsignedToken({ nbf: 5_000, exp: 6_000 }), 'token-early'],
    ['issued in the future', unsignedToken({ iat: 5_000, exp: 6_000 }), 'token-early'],
    ['for another room', unsignedToken({ room: 'kitchen' }), 'token-wrong-room'],
    ['nothing wrong to be seen', unsignedToken(), 'token-refused'],
  ])('%s', (_, token, code) => {
    expect(explainRefusal(token, 'studio', now).code).toBe(code);
  });
});

it('knows the look of a token', () => {
  expect(looksLikeToken(unsignedToken())).toBe(true);
  for (const text of ['', 'a.b', '<html>a.b.c</html>', 'a.b.c d']) expect(looksLikeToken(text)).toBe(false);
});
