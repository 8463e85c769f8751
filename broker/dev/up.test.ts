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
