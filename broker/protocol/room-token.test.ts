import { describe, expect, it } from 'vitest';
import { parseDisplayName, parseRoomTokenClaims, type ClaimsReason } from './room-token.ts';

const NOW = 1_800_000_000;
const GOOD = { aud: 'realtime-call', room: 'clinic-42', sub: 'u~1', iat: NOW, exp: NOW + 600 };
const DAY = 24 * 60 * 60;

type Row = [rule: string, reason: ClaimsReason, claims: object];

const rows = (rule: string, reason: ClaimsReason, claim: string, values: readonly unknown[]) =>
  values.map((value): Row => [rule, reason, { [claim]: value }]);

const refused = (payload: unknown) => {
  const result = parseRoomTokenClaims(payload, NOW);
  return result.ok ? 'accepted' : result.reason;
};
const accepted = (claims: object) => {
  const result = parseRoomTokenClaims({ ...GOOD, ...claims }, NOW);
  if (!result.ok) throw new Error(`refused: ${result.reason}`);
  return result.claims;
};

describe('claims that are refused', () => {
  const times = ['1', -1, 0, 1.5, null, true, [1], Number.NaN, Number.POSITIVE_INFINITY, 1e300];
  const ids = ['', '*', '../x', 'a b', 'a/b', 'é', 'x'.repeat(129), 'a\u200b', 'a\0', 7, null, {}, ['a']];
  const table: Row[] = [
    ...rows('TK3', 'aud', 'aud', [undefined, 'other', 'Realtime-Call', ['realtime-call'], null]),
    ...rows('TK4', 'room', 'room', ids),
    ...rows('TK4', 'sub', 'sub', ids),
    ...rows('TK5', 'iat_missing', 'iat', [undefined, ...times]),
    ...rows('TK5', 'iat_in_future', 'iat', [NOW + 61]),
    ...rows('TK6', 'exp_missing', 'exp', [undefined, ...times]),
    ...rows('TK6', 'exp_too_far', 'exp', [NOW + DAY + 61, NOW * 1000]),
    ...rows('TK6', 'expired', 'exp', [NOW - 60, 1]),
    ...rows('TK7', 'nbf', 'nbf', times),
    ...rows('TK7', 'not_yet_valid', 'nbf', [NOW + 61]),
    ...rows('TK8', 'name', 'name', ['', '   ', 'x'.repeat(65), 'a\nb', 'a\u2028b', 5, null, ['a']]),
    ...rows('TK8', 'name', 'name', ['a\u202eb', 'a\u2066b', '\ud800', 'a\ufeffb']),
    ...rows('TK9', 'role', 'role', ['admin', 'Host', '', null, 1, ['host'], 'toString', '__proto__']),
    ...rows('TK10', 'grants', 'grants', [null, [], 'all', { subscribe: 1 }, { chat: 'true' }, { record: true }]),
    ...rows('TK10', 'grants', 'grants', [{ moderate: null }, { publish: 'audio' }, { publish: {} }]),
    ...rows('TK10', 'grants', 'grants', [{ publish: ['camera'] }, { publish: ['toString'] }, { publish: [['audio']] }]),
    ...rows('TK11', 'lobby_unsupported', 'lobby', [true, 'false', 0, null, {}]),
    ...rows('TK12', 'limits', 'limits', [null, [], 5, { participants: 0 }, { minutes: -1 }, { gigabytes: 1.5 }]),
    ...rows('TK12', 'limits', 'limits', [{ participants: '5' }]),
  ];
  it.each(table)('%s %s: %j', (_rule, reason, claims) => {
    expect(refused({ ...GOOD, ...claims })).toBe(reason);
  });

  it.each([[null], [[]], ['text'], [5], [undefined]])('TK3 a payload that is no object: %j', (payload) => {
    expect(refused(payload)).toBe('payload_not_object');
  });
});

describe('claims that are accepted', () => {
  it('TK5 TK6 TK7 to the second at every edge', () => {
    expect(accepted({ iat: NOW + 60, exp: NOW + DAY + 60, nbf: NOW + 60 }).exp).toBe(NOW + DAY + 60);
    expect(accepted({ exp: NOW - 59 }).exp).toBe(NOW - 59);
  });

  it('TK9 a role is a preset of grants', () => {
    expect(accepted({ role: 'host' }).grants).toEqual({
      publish: ['audio', 'video', 'screen'],
      subscribe: true,
      chat: true,
      moderate: true,
    });
    expect(accepted({ role: 'guest' }).grants.moderate).toBe(false);
    expect(accepted({ role: 'listener' }).grants).toMatchObject({ publish: [], subscribe: true });
  });

  it('TK9 without a role nothing is granted', () => {
    const nothing = { publish: [], subscribe: false, chat: false, moderate: false };
    expect(accepted({})).toMatchObject({ role: 'guest', grants: nothing });
    expect(accepted({ grants: { subscribe: true } }).grants).toEqual({ ...nothing, subscribe: true });
  });

  it('TK10 grants are laid over the preset, and take away as well as give', () => {
    const { grants } = accepted({ role: 'guest', grants: { publish: ['audio', 'audio'], chat: false } });
    expect(grants).toEqual({ publish: ['audio'], subscribe: true, chat: false, moderate: false });
  });

  it('TK8 TK12 takes the rest as it is, and what it does not know not at all', () => {
    const claims = accepted({
      name: ' Ann\u0301 ',
      lobby: false,
      limits: { participants: 3, x: 1 },
      extra: 1,
      iss: [],
    });
    expect(claims).toMatchObject({ name: 'Anń'.normalize('NFC'), limits: { participants: 3 } });
    expect(claims).not.toHaveProperty('extra');
    expect(claims.limits).not.toHaveProperty('x');
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
