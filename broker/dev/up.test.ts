import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Runs `npm start` where it has to refuse at once. */
function start(env: Readonly<Record<string, string>>) {
  const { PATH = '' } = process.env;
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'up.ts')], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { PATH, ...env },
  });
  return { status, stderr: stderr.trim() };
}

it.each(['x', '0', '65534', '80.5'])('refuses PORT=%s with the range', (PORT) => {
  expect(start({ PORT })).toEqual({
    status: 1,
    stderr: `PORT is "${PORT}"; it must be a number from 1 to 65533, as the two ports after it are used too.`,
  });
});

it('refuses half of the credentials of a real SFU', () => {
  expect(start({ REALTIME_APP_ID: 'app' })).toEqual({
    status: 1,
    stderr: 'Set both REALTIME_APP_ID and REALTIME_APP_TOKEN to use the real SFU, or neither to use the stand-in.',
  });
});

it.each([
  'no JSON',
  '{}',
  '[]',
  '[{"kty":"oct","kid":"main","alg":"HS256","k":"dG9vIHNob3J0"}]',
  '[{"kty":"OKP","crv":"Ed25519","kid":"main","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]',
])('refuses ROOM_TOKEN_KEYS=%s, which the example site cannot sign with', (ROOM_TOKEN_KEYS) => {
  expect(start({ ROOM_TOKEN_KEYS })).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^ROOM_TOKEN_KEYS must be JSON like .* a random key is made\.$/),
  });
});
