import { ED, KEYS } from './mint.ts';

/** Values of `ROOM_TOKEN_KEYS` that are missing, malformed or weak. */
export function misconfiguredKeys(): { id: string; value: string }[] {
  const [main] = KEYS.one;
  const secret = (bytes: Buffer) => [{ ...main, k: bytes.toString('base64url') }];
  const rows: [id: string, value: unknown][] = [
    ['no list', { ...main }],
    ['an empty list', []],
    ['a null', [null]],
    ['five keys', ['1', '2', '3', '4', '5'].map((kid) => ({ ...main, kid }))],
    ['a kid twice', [main, main]],
    ['no kid', [{ ...main, kid: undefined }]],
    ['an empty secret', secret(Buffer.alloc(0))],
    ['a secret of 1 byte', secret(Buffer.from('s'))],
    ['the secret "secret"', secret(Buffer.from('secret'))],
    ['a secret of 31 bytes', secret(Buffer.from(String(main?.k), 'base64url').subarray(0, 31))],
    ['a secret that is one byte over and over', secret(Buffer.alloc(64, 97))],
    ['a secret with padding', [{ ...main, k: `${main?.k}=` }]],
    ['a secret beside a good key', [main, { ...secret(Buffer.from('secret'))[0], kid: 'weak' }]],
    ['an RSA key', [{ ...main, kty: 'RSA' }]],
    ['algorithm HS512', [{ ...main, alg: 'HS512' }]],
    ['algorithm none', [{ ...main, alg: 'none' }]],
    ['no algorithm', [{ ...main, alg: undefined }]],
    ['an algorithm of another key type', [{ ...main, alg: 'EdDSA' }]],
    ['an Ed25519 key for HS256', [{ ...ED, alg: 'HS256' }]],
    ['another curve', [{ ...ED, crv: 'X25519' }]],
    ['a short public key', [{ ...ED, x: String(ED.x).slice(0, 40) }]],
  ];
  const texts = rows.map(([id, value]) => ({ id, value: JSON.stringify(value) }));
  return [{ id: 'nothing', value: '' }, { id: 'no JSON', value: 'secret' }, ...texts];
}
