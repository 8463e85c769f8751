import { describe, expect, it } from 'vitest';
import { parseDisplayName, parseRoomTokenClaims } from './room-token.ts';

/** Most of the claim rules are tested by the token vectors; here is what no token can say. */
const NOW = 1_800_000_000;
const GOOD = { aud: 'realtime-call', room: 'clinic-42', sub: 'u~1', iat: NOW, exp: NOW + 600 };

const reasonOf = (payload: unknown) => {
  const result = parseRoomTokenClaims(payload, NOW);
  return result.ok ? 'accepted' : result.reason;
};

describe('parseRoomTokenClaims', () => {
  it.each([[null], [[]], ['text'], [5], [undefined]])('TK3 a payload that is no object: %j', (payload) => {
    expect(reasonOf(payload)).toBe('payload_not_object');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('TK5 TK6 TK7 %d is no time', (time) => {
    expect(reasonOf({ ...GOOD, iat: time })).toBe('iat_missing');
    expect(reasonOf({ ...GOOD, exp: time })).toBe('exp_missing');
    expect(reasonOf({ ...GOOD, nbf: time })).toBe('nbf');
  });

  it('TK12 copies what it knows, and nothing else', () => {
    const result = parseRoomTokenClaims({ ...GOOD, extra: 1, limits: { participants: 3, x: 1 } }, NOW);
    expect(result.ok && Object.keys(result.claims).sort()).toEqual([
      'exp',
      'grants',
      'iat',
      'limits',
      'lobby',
      'role',
      'room',
      'sub',
    ]);
    expect(result.ok && result.claims.limits).toEqual({ participants: 3 });
  });

  it('TK4 keys of the prototype are names like others, and give no grants', () => {
    const payload: unknown = JSON.parse(`{"__proto__":{"role":"host"},${JSON.stringify(GOOD).slice(1)}`);
    expect(parseRoomTokenClaims(payload, NOW)).toMatchObject({ ok: true, claims: { role: 'guest' } });
  });
});

describe('parseDisplayName', () => {
  it('TK8 counts code points, not code units', () => {
    expect(parseDisplayName('🎈'.repeat(64))).toBe('🎈'.repeat(64));
    expect(parseDisplayName('🎈'.repeat(65))).toBeUndefined();
  });

  it('TK8 A24 leaves markup alone: it is text, and stays text', () => {
    expect(parseDisplayName('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>');
  });
});
