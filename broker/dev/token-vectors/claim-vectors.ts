import { CLAIMS, HEADER, NOW, mint, withText } from './mint.ts';
import { group, type Vector } from './vector.ts';

const DAY = 24 * 60 * 60;
const LONG = 'x'.repeat(129);
const FULL = ['audio', 'video', 'screen'];

/** One claim, with one value for each token: refused for the reason that is the claim's. */
function refused(name: string, result: string, values: readonly unknown[]): Vector[] {
  const rows = values.map((value) => {
    const spelled = value === undefined ? 'absent' : JSON.stringify(value);
    return [`${name} ${spelled.slice(0, 40)}`, result, mint(HEADER, { ...CLAIMS, [name]: value })] as const;
  });
  return group(groupOf(name), rows);
}

/** A claim whose value JSON can say, and `JSON.stringify` cannot. */
function refusedText(name: string, result: string, values: readonly string[]): Vector[] {
  const { [name]: _removed, ...others } = CLAIMS as Record<string, unknown>;
  const rows = values.map((value) => {
    const payload = `${JSON.stringify(others).slice(0, -1)},"${name}":${value}}`;
    return [`${name} ${value}`, result, mint(HEADER, payload)] as const;
  });
  return group(groupOf(name), rows);
}

function accepted(id: string, claims: object, expected: object = {}): Vector[] {
  const [vector] = group('claims', [[id, 'accepted', mint(HEADER, { ...CLAIMS, ...claims })]]);
  return vector ? [{ ...vector, claims: expected }] : [];
}

function groupOf(name: string): string {
  if (['iat', 'exp', 'nbf'].includes(name)) return 'time';
  return ['aud', 'room', 'sub', 'name'].includes(name) ? 'identity' : 'rights';
}

export function claimVectors(): Vector[] {
  const noTime = ['1', 'text', -1, 0, 1.5, null, true, [1], {}];
  const noTimeText = ['1e999', '1e300', '-1e999', '9007199254740993'];
  const noId = [
    '',
    '*',
    '../x',
    'a b',
    'a/b',
    'a:b',
    'é',
    'e\u0301',
    LONG,
    'a\u200b',
    'a\u0000',
    '\ud800',
    0,
    7,
    null,
    {},
    ['a'],
  ];
  return [
    ...refused('exp', 'exp_missing', [undefined, ...noTime]),
    ...refusedText('exp', 'exp_missing', noTimeText),
    ...refused('exp', 'exp_too_far', [NOW * 1000, NOW + DAY + 61, NOW + 25 * 60 * 60, Number.MAX_SAFE_INTEGER]),
    ...refused('exp', 'expired', [NOW - 60, NOW - DAY, 1]),
    ...refused('iat', 'iat_missing', [undefined, ...noTime]),
    ...refusedText('iat', 'iat_missing', noTimeText),
    ...refused('iat', 'iat_in_future', [NOW + 61, NOW * 1000]),
    ...refused('nbf', 'nbf', noTime),
    ...refusedText('nbf', 'nbf', noTimeText),
    ...refused('nbf', 'not_yet_valid', [NOW + 61, NOW + 700]),
    ...group('time', [
      [
        'a life of 25 hours',
        'exp_too_far',
        mint(HEADER, { ...CLAIMS, iat: NOW - 2 * 60 * 60, exp: NOW + 23 * 60 * 60 }),
      ],
      ['an old token that is still to be used', 'exp_too_far', mint(HEADER, { ...CLAIMS, iat: NOW - 30 * DAY })],
    ]),
    ...accepted('exp just now', { exp: NOW }),
    ...accepted('times at every edge', { iat: NOW + 60, exp: NOW + DAY + 60, nbf: NOW + 60 }),
    ...accepted('the last second', { iat: NOW - 600, exp: NOW - 59 }),
    ...accepted('nbf in the past', { nbf: NOW - 5 }),

    ...refused('aud', 'aud', [undefined, 'other', 'Realtime-Call', 'realtime-call ', '', null, 1]),
    ...refused('aud', 'aud', [
      ['realtime-call'],
      ['realtime-call', 'x'],
      Array.from({ length: 300 }, (_, i) => `a${i}`),
    ]),
    ...refused('room', 'room', [undefined, ...noId]),
    ...refused('sub', 'sub', [undefined, ...noId]),
    ...refused('name', 'name', [
      '',
      '   ',
      'x'.repeat(65),
      'a\nb',
      'a\u0000b',
      'a\u0085b',
      'a\u2028b',
      5,
      null,
      ['a'],
      {},
    ]),
    ...refused('name', 'name', [
      'a\u202eb',
      'a\u2066b',
      'a\u200fb',
      'a\u061cb',
      '\ud800',
      'a\ufeffb',
      'a\u200bb',
      '\u200d',
    ]),
    ...accepted('room and sub at their longest', { room: LONG.slice(1), sub: 'A.z_~-9' }, { room: LONG.slice(1) }),
    ...accepted('a name in NFD comes out in NFC', { name: ' Ann\u0301 ' }, { name: 'An\u0144' }),
    ...accepted('a name of 64 code points', { name: '🎈'.repeat(64) }, { name: '🎈'.repeat(64) }),
    ...accepted('joiners in a name', { name: '👩‍💻 می‌خواهم' }, { name: '👩‍💻 می‌خواهم' }),
    ...accepted('markup in a name is text', { name: '<b>&' }, { name: '<b>&' }),

    ...refused('role', 'role', ['admin', 'Host', '', null, 1, ['host'], 'toString', '__proto__', 'constructor']),
    ...refused('grants', 'grants', [null, [], 'all', true, { subscribe: 1 }, { chat: 'true' }, { record: true }]),
    ...refused('grants', 'grants', [{ moderate: null }, { publish: 'audio' }, { publish: {} }, { publish: true }]),
    ...refused('grants', 'grants', [{ publish: ['camera'] }, { publish: ['toString'] }, { publish: [['audio']] }]),
    ...refusedText('grants', 'grants', ['{"__proto__":{"moderate":true}}', '{"constructor":true}']),
    ...refused('lobby', 'lobby', ['true', 'false', 0, 1, null, {}]),
    ...accepted('a lobby', { lobby: true }, { lobby: true }),
    ...accepted('no lobby', {}, { lobby: false }),
    ...refused('limits', 'limits', [null, [], 5, { participants: 0 }, { minutes: -1 }, { gigabytes: 1.5 }]),
    ...refused('limits', 'limits', [{ participants: '5' }, { participants: null }, { minutes: 1e300 }]),
    ...accepted('host', { role: 'host' }, { grants: { publish: FULL, subscribe: true, chat: true, moderate: true } }),
    ...accepted(
      'listener',
      { role: 'listener' },
      { grants: { publish: [], subscribe: true, chat: true, moderate: false } },
    ),
    ...accepted('no role, nothing granted', { role: undefined }, { grants: nothing }),
    ...accepted(
      'no role, one grant',
      { role: undefined, grants: { chat: true } },
      { grants: { ...nothing, chat: true } },
    ),
    ...accepted(
      'grants take away',
      { grants: { publish: ['audio', 'audio'], chat: false } },
      {
        grants: { publish: ['audio'], subscribe: true, chat: false, moderate: false },
      },
    ),
    ...accepted('limits', { limits: { participants: 3, other: 1 } }, { limits: { participants: 3 } }),
    ...accepted('claims nobody knows', { iss: ['x'], jti: '1', org: 'https://a.example', lobby: false }),
    ...group('claims', [
      ['names of the prototype', 'accepted', mint(HEADER, withText('"__proto__":{"role":"host"},"toString":1'))],
    ]),
  ];
}

const nothing = { publish: [], subscribe: false, chat: false, moderate: false };
