import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const LIVE = fileURLToPath(new URL('live.ts', import.meta.url));

test.each([{}, { REALTIME_APP_ID: 'a' }])('without credentials (%j) the live contract is one sentence', (env) => {
  const { REALTIME_APP_ID: _id, REALTIME_APP_TOKEN: _token, ...others } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [LIVE], {
    env: { ...others, ...env },
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^Set REALTIME_APP_ID and REALTIME_APP_TOKEN [^\n]+\.\n$/);
});
