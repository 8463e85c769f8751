import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_TIMINGS } from './timings.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const TIMINGS_SENTENCE = `TIMINGS must be JSON with some of ${Object.keys(DEFAULT_TIMINGS).join(', ')}.\n`;
const running: ChildProcess[] = [];

interface Run {
  child: ChildProcess;
  /** The first line on standard output. */
  firstLine: Promise<string>;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

function run(env: Record<string, string>): Run {
  const child = spawn(process.execPath, [MAIN], { env: { ...process.env, ...env } });
  running.push(child);
  let stdout = '';
  let stderr = '';
  const firstLine = new Promise<string>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString();
      if (stdout.includes('\n')) resolve(stdout.split('\n')[0]!);
    });
  });
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, firstLine, ended };
}

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

describe('npm run sfu', { timeout: 20_000 }, () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('prints its base URL, serves, and ends cleanly on %s', async (signal) => {
    const { child, firstLine, ended } = run({ PORT: '0', REALTIME_APP_ID: 'app', REALTIME_APP_TOKEN: 'secret' });
    const url = await firstLine;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    const headers = { authorization: 'Bearer secret' };
    const response = await fetch(`${url}/apps/app/sessions/new`, { method: 'POST', headers });
    expect(response.status).toBe(201);
    child.kill(signal);
    expect(await ended).toEqual({ code: 0, stdout: `${url}\n`, stderr: '' });
  });

  test('takes faults on a port of its own, whose URL is the second line', async () => {
    const { child, firstLine, ended } = run({ PORT: '0', CONTROL_PORT: '0', TIMINGS: '{"unusedSessionMs":50}' });
    const url = await firstLine;
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout.replace(url, '')).toMatch(/^\nhttp:\/\/127\.0\.0\.1:\d+\n$/);
  });

  test('a busy port is one sentence that names the mend', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const { ended } = run({ PORT: String(port) });
    expect(await ended).toEqual({
      code: 1,
      stdout: '',
      stderr: `Port ${port} is in use: set PORT to another, or stop what listens there.\n`,
    });
    blocker.close();
  });

  test.each<[Record<string, string>, string]>([
    [{ PORT: 'http' }, 'PORT must be a number from 0 to 65535, not "http".\n'],
    [{ CONTROL_PORT: '-1' }, 'CONTROL_PORT must be a number from 0 to 65535, not "-1".\n'],
    [{ TIMINGS: '{"answer":1}' }, TIMINGS_SENTENCE],
    [{ PORT: '0', ADDRESS: 'example.com' }, 'The address must be an IPv4 address, not "example.com".\n'],
    [
      { PORT: '0', ADDRESS: '203.0.113.9' },
      'This machine has no address 203.0.113.9: set ADDRESS to one it has, or leave it out.\n',
    ],
    [{ PORT: '0', MEDIA_ADDRESS: 'example.com' }, 'The address must be an IPv4 address, not "example.com".\n'],
    [
      { PORT: '0', MEDIA_ADDRESS: '203.0.113.9' },
      'This machine has no address 203.0.113.9: set MEDIA_ADDRESS to one it has, or leave it out.\n',
    ],
  ])('%j is refused in one sentence', async (env, stderr) => {
    expect(await run(env).ended).toEqual({ code: 1, stdout: '', stderr });
  });
});
