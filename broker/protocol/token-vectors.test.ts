import { describe, expect, it } from 'vitest';
import { parseRoomTokenClaims } from './room-token.ts';
import file from './token-vectors.json' with { type: 'json' };

/** What is refused before the claims are looked at is no business of theirs. */
const BEFORE = new Set([
  'too_long',
  'not_three_parts',
  'encoding',
  'json',
  'header',
  'unknown_kid',
  'alg',
  'signature',
]);
const rows = (file.vectors as { id: string; token: unknown; result: string; claims?: object }[]).filter(
  ({ token, result }) => typeof token === 'string' && !BEFORE.has(result),
);

describe('TK3 to TK12 the claims of the token vectors', () => {
  it.each(rows)('TK3 $id is $result', ({ token, result, claims }) => {
    const [, payload = ''] = String(token).split('.');
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const parsed = parseRoomTokenClaims(JSON.parse(new TextDecoder().decode(bytes)), file.now);
    expect(parsed.ok ? 'accepted' : parsed.reason).toBe(result);
    if (parsed.ok && claims) expect(parsed.claims).toMatchObject(claims);
  });

  it('TK3 there are many', () => {
    expect(rows.length).toBeGreaterThan(150);
  });
});
