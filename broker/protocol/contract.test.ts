import { describe, expect, it } from 'vitest';
import { BrokerErrorStatus, CloseCode, TERMINAL_CLOSE_CODES, parseErrorBody, routes } from './index.ts';
import { ParseError, compact, parseJson, parseRecord } from './parse.ts';

describe('close codes', () => {
  it('CL1 to CL7 CL10 CL11 are what PROTOCOL.md says, and private ones', () => {
    expect(CloseCode).toEqual({
      badMessage: 4400,
      unauthorized: 4401,
      removed: 4403,
      ended: 4410,
      replaced: 4409,
      tooLarge: 4413,
      rateLimited: 4429,
      tooSlow: 4408,
      clientTooOld: 4426,
    });
  });

  it('CL8 only what cannot be mended by coming back is final', () => {
    expect([...TERMINAL_CLOSE_CODES].sort()).toEqual([4403, 4409, 4410, 4426]);
  });
});

describe('errors', () => {
  it('ER1 every code has a status of an error', () => {
    for (const status of Object.values(BrokerErrorStatus)) expect(status).toBeGreaterThanOrEqual(400);
  });

  it('ER1 reads a body, with or without a description', () => {
    expect(parseErrorBody({ errorCode: 'a', errorDescription: 'b' })).toEqual({
      errorCode: 'a',
      errorDescription: 'b',
    });
    expect(parseErrorBody({ errorCode: 'a' })).toEqual({ errorCode: 'a', errorDescription: '' });
    expect(() => parseErrorBody({ error: 'a' })).toThrow(ParseError);
  });
});

describe('paths', () => {
  it('SF1 A6 an id that is not one cannot leave its place', () => {
    expect(routes.session('a/b', '../c')).toBe('/rooms/a%2Fb/sessions/..%2Fc');
    expect(routes.join('r?x#y')).toBe('/rooms/r%3Fx%23y/join');
  });
});

describe('parsing', () => {
  it('ER1 says what was expected, and where', () => {
    expect(() => parseRecord([], 'a.b')).toThrow('a.b must be an object');
    expect(() => parseJson('{')).toThrow('the value must be valid JSON');
  });

  it('ER1 an absent field is absent, not undefined', () => {
    expect(Object.keys(compact({ a: undefined, b: null, c: 0 }))).toEqual(['b', 'c']);
  });
});
