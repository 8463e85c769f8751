import { CLAIMS, HEADER, PUBLIC_KEY_TEXTS, encode, mint, mintEd } from './mint.ts';
import { group, type Vector } from './vector.ts';

const ED_HEADER = { alg: 'EdDSA', kid: 'ed' };
const withAlg = (alg: unknown) => ({ ...HEADER, alg });
const withKid = (kid: unknown) => ({ ...HEADER, kid });
const unsigned = (alg: string) => `${encode(withAlg(alg))}.${encode(CLAIMS)}.`;

/** Which algorithm and which key: the header may only name a key, and the key decides. */
export function headerVectors(): Vector[] {
  const good = mint(HEADER);
  const [header, payload, signature = ''] = good.split('.');
  const ed = mintEd(ED_HEADER);
  return [
    ...group('algorithm', [
      ['HS256', 'accepted', good],
      ['HS256 without typ', 'accepted', mint({ alg: 'HS256', kid: 'main' })],
      ['HS256 of the second key', 'signature', mint(withKid('other'))],
      ['EdDSA', 'accepted', ed],
      ...['none', 'None', 'nOnE'].map((alg) => [`${alg}, signed`, 'alg', mint(withAlg(alg))] as const),
      ...['none', 'None', 'nOnE'].map((alg) => [`${alg}, unsigned`, 'not_three_parts', unsigned(alg)] as const),
      ['lower case', 'alg', mint(withAlg('hs256'))],
      ['a list', 'header', mint(withAlg(['HS256']))],
      ['a number', 'header', mint(withAlg(256))],
      ['absent', 'header', mint({ kid: 'main', typ: 'JWT' })],
      ['named twice', 'json', mint('{"alg":"none","alg":"HS256","kid":"main"}')],
      ['HS512', 'alg', mint(withAlg('HS512'), CLAIMS, undefined, 'sha512')],
      ['HS512 signature under HS256', 'signature', mint(HEADER, CLAIMS, undefined, 'sha512')],
      ...Object.entries(PUBLIC_KEY_TEXTS).flatMap(([name, text]) => [
        [`HS256 with the public key as ${name}`, 'alg', mint({ alg: 'HS256', kid: 'ed' }, CLAIMS, text)] as const,
        [`HMAC with the public key as ${name}, said to be EdDSA`, 'signature', mint(ED_HEADER, CLAIMS, text)] as const,
      ]),
      [
        'ES256 with r and s zero',
        'alg',
        `${encode({ alg: 'ES256', kid: 'ed' })}.${payload}.${encode(Buffer.alloc(64))}`,
      ],
      ['EdDSA with a signature of zeros', 'signature', ed.replace(/[^.]+$/, encode(Buffer.alloc(64)))],
      ['EdDSA with 63 bytes', 'signature', ed.replace(/[^.]+$/, encode(Buffer.alloc(63, 1)))],
      ['EdDSA with 65 bytes', 'signature', ed.replace(/[^.]+$/, encode(Buffer.alloc(65, 1)))],
      ['EdDSA said to be HS256', 'alg', mintEd({ ...ED_HEADER, alg: 'HS256' })],
      ['signed with a key of zeros', 'signature', mint(HEADER, CLAIMS, Buffer.alloc(32))],
      ['signed with the empty key', 'signature', mint(HEADER, CLAIMS, '')],
      [
        'another payload under the signature',
        'signature',
        `${header}.${encode({ ...CLAIMS, role: 'host' })}.${signature}`,
      ],
      [
        'another header over the signature',
        'signature',
        `${encode({ ...HEADER, typ: undefined })}.${payload}.${signature}`,
      ],
    ]),
    ...group('key', [
      ...['', 'x', 'MAIN', '../../dev/null', "' OR 1=1--", '__proto__', 'constructor', 'main\u0000'].map(
        (kid) => [`kid ${JSON.stringify(kid)}`, 'unknown_kid', mint(withKid(kid))] as const,
      ),
      ['kid of 10 KB', 'too_long', [[`${encode(withKid('x'.repeat(10_000)))}.${payload}.${signature}`, 1]]],
      ['kid that is a list', 'header', mint(withKid(['main']))],
      ['kid null', 'header', mint(withKid(null))],
      ['kid a number', 'header', mint(withKid(0))],
      ['no kid where there are several keys', 'unknown_kid', mint({ alg: 'HS256' })],
      ...['jwk', 'jku', 'x5u', 'x5c', 'x5t', 'crit', 'zip', 'cty', 'enc'].map(
        (name) => [`a header with ${name}`, 'header', mint({ ...HEADER, [name]: 'https://evil.example' })] as const,
      ),
      ['a header with b64', 'header', mint({ ...HEADER, b64: false, crit: ['b64'] })],
      ['a header with __proto__', 'header', mint('{"alg":"HS256","kid":"main","__proto__":{"typ":"JWT"}}')],
      ...['at+jwt', 'jwt', 'webhook+jwt', '', null].map(
        (typ) => [`typ ${JSON.stringify(typ)}`, 'header', mint({ ...HEADER, typ })] as const,
      ),
    ]),
    ...group('key', [['no kid where there is one key', 'accepted', mint({ alg: 'HS256' })]], 'one'),
    ...group(
      'rotation',
      [
        ['the key that was taken out', 'unknown_kid', good],
        ['a key that stayed', 'accepted', ed],
      ],
      'rotated',
    ),
  ];
}
