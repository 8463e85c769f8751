import { of, type Mutation } from './mutation.ts';

export const TOKEN_MUTATIONS: readonly Mutation[] = [
  ...of(
    'src/token/gate.ts',
    ['token/verify'],
    [
      ['size', "if (text.length > TOKEN_MAX_BYTES) return no('too_long');"],
      ['three parts', 'parts.length !== 3 ||'],
      ['no empty part', " || parts.includes('')"],
      [
        'members of the header',
        "if (!Object.keys(header).every((name) => HEADER_MEMBERS.has(name))) return no('header');",
      ],
      ['type of alg', "if (typeof alg !== 'string') return no('header');"],
      ['type of kid', "if (kid !== undefined && typeof kid !== 'string') return no('header');"],
      ['typ', "if (typ !== undefined && typ !== 'JWT') return no('header');"],
      ['UTF-8', 'fatal: true', 'fatal: false'],
      ['byte order mark', 'ignoreBOM: true', 'ignoreBOM: false'],
    ],
  ),
  ...of(
    'src/base64url.ts',
    ['token/verify'],
    [
      ['one spelling', '[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048]', '[\\w-]{2}|[\\w-]{3}'],
      ['alphabet', 'if (!CANONICAL.test(text)) return undefined;'],
    ],
  ),
  ...of(
    'src/token/strict-json.ts',
    ['token/verify'],
    [
      ['keys named twice', '  refuseDuplicateKeys(text);\n  return', '  return'],
      [
        'an object',
        "if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('not an object');",
      ],
      ['keys by their meaning', 'String(JSON.parse(token))', 'token'],
    ],
  ),
  ...of(
    'src/token/verify.ts',
    ['token/verify'],
    [
      ['signature', "return { ok: false, reason: 'signature' };"],
      ['alg of the key', "if (gate.token.alg !== key.alg) return { ok: false, reason: 'alg' };"],
      [
        'kid where there are several keys',
        'keys.size === 1 ? [...keys.values()][0] : undefined',
        '[...keys.values()][0]',
      ],
      [
        'key by kid',
        'if (kid !== undefined) return keys.get(kid);',
        'if (kid !== undefined) return keys.get(kid) ?? [...keys.values()][0];',
      ],
    ],
  ),
  ...of(
    'src/token/token-keys.ts',
    ['token/verify', 'env'],
    [
      ['at least one key', "if (entries.length === 0) throw new Error('ROOM_TOKEN_KEYS is empty');"],
      ['at most four keys', 'TOKEN_MAX_KEYS)(', '99)('],
      ['each kid once', 'if (keys.has(kid)) throw new Error(`ROOM_TOKEN_KEYS names the kid ${kid} twice`);'],
      ['length of a secret', "alg === 'HS256' && bytes.length < TOKEN_KEY_MIN_BYTES", 'false'],
      ['length of a public key', "alg === 'EdDSA' && bytes.length !== ED25519_KEY_BYTES", 'false'],
      ['randomness', '!isRandom(bytes)', 'false'],
      ['algorithm of a key', "parseOneOf(alg)(record['alg'], `${path}.alg`);"],
      ['curve', "if (alg === 'EdDSA') parseOneOf('Ed25519')(record['crv'], `${path}.crv`);"],
    ],
  ),
  ...of(
    'protocol/room-token.ts',
    ['token/verify'],
    [
      ['aud', "if (p['aud'] !== TOKEN_AUDIENCE) return no('aud');"],
      ['room', "if (!isId(room)) return no('room');"],
      ['sub', "if (!isId(sub)) return no('sub');"],
      ['iat', "if (!isTime(iat)) return no('iat_missing');"],
      ['iat in the future', "if (iat > now + TOKEN_LEEWAY_SECONDS) return no('iat_in_future');"],
      ['exp', "if (!isTime(exp)) return no('exp_missing');"],
      [
        'exp too far',
        "if (exp > Math.min(now + TOKEN_LEEWAY_SECONDS, iat) + TOKEN_MAX_LIFETIME_SECONDS) return no('exp_too_far');",
      ],
      ['life from iat on', 'Math.min(now + TOKEN_LEEWAY_SECONDS, iat)', 'now + TOKEN_LEEWAY_SECONDS'],
      ['expired', "if (exp <= now - TOKEN_LEEWAY_SECONDS) return no('expired');"],
      ['nbf', "if (nbf !== undefined && !isTime(nbf)) return no('nbf');"],
      ['not yet valid', "if (nbf !== undefined && nbf > now + TOKEN_LEEWAY_SECONDS) return no('not_yet_valid');"],
      ['name', "if (p['name'] !== undefined && name === undefined) return no('name');"],
      ['control characters in a name', ' && !UNPRINTABLE.test(name)'],
      ['length of a name', '[...name].length <= NAME_MAX_CODE_POINTS && '],
      ['a name that is seen', 'VISIBLE.test(name) && '],
      ['role', "if (!role) return no('role');"],
      ['nothing without a role', "p['role'] === undefined ? NOTHING : ROLE_GRANTS[role]", 'ROLE_GRANTS[role]'],
      ['grants', "if (!grants) return no('grants');"],
      ['unknown grants', '} else return undefined;', '}'],
      ['lobby', "if (typeof lobby !== 'boolean') return no('lobby');"],
      ['limits', "if (!limits) return no('limits');"],
      ['whole positive seconds', 'Number.isSafeInteger(value) && (value as number) > 0', "typeof value === 'number'"],
    ],
  ),
];
