import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { freePort, requireFreePort } from './ports.ts';
import { startService, StartError, type Service } from './service.ts';

const folder = mkdtempSync(join(tmpdir(), 'service-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that answers on a port, and has a child of its own, whose process id is the answer. */
const SERVER = script(
  'server.mjs',
  `import { spawn } from 'node:child_process';
   import { createServer } from 'node:http';
   const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
   createServer((request, response) => {
     response.end(String(child.pid));
     if (request.url === '/crash') process.exit(3);
   }).listen(process.env.PORT, '127.0.0.1');`,
);
const CRASHER = script('crasher.mjs', `console.log('about to fail'); process.exit(7);`);

function script(name: string, source: string): string {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
}

async function start(path: string, signal = new AbortController().signal) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const lines: string[] = [];
  const options = { name: 'try', title: 'The trial', args: [path], env: { PORT: String(port) }, url, mend: 'Mend it.' };
  const service = startService(options, { signal, onLine: (name, line) => void lines.push(`${name}: ${line}`) });
  return { port, url, lines, service };
}

async function innerPid(url: string): Promise<number> {
  return Number(await (await fetch(url)).text());
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Generous: who inherits an orphan may take a second to notice its end. */
async function isGone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
}

it('stops a service with all its children, and does not call that a death', async () => {
  const { url, service } = await start(SERVER);
  const running: Service = await service;
  const pid = await innerPid(url);
  expect(isAlive(pid)).toBe(true);
  await running.stop();
  await isGone(pid);
  const silence = Symbol('silence');
  expect(await Promise.race([running.died, Promise.resolve(silence)])).toBe(silence);
});

it('tells of a service that dies, with the mend, and leaves none of its children', async () => {
  const { url, service } = await start(SERVER);
  const { died } = await service;
  const pid = await innerPid(url);
  await fetch(`${url}crash`).catch(() => {});
  expect(await died).toBe('The trial ended by itself (exit code 3). Mend it.');
  await isGone(pid);
});

it('rejects with a sentence where the service fails to start, after what it said', async () => {
  const { lines, service } = await start(CRASHER);
  const failure = await service.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartError);
  expect(String(failure)).toContain('The trial ended by itself (exit code 7). Mend it.');
  expect(lines).toEqual(['try: about to fail']);
});

it('gives up a start that is interrupted', async () => {
  const interrupt = new AbortController();
  const { service } = await start(script('mute.mjs', 'setInterval(() => {}, 1000);'), interrupt.signal);
  interrupt.abort();
  await expect(service).rejects.toThrow('aborted');
});

it('ends a service whose parent was killed', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const parent = script(
    'parent.ts',
    `import { startService } from ${JSON.stringify(join(import.meta.dirname, 'service.ts'))};
     await startService(
       { name: 'try', title: 'The trial', args: [${JSON.stringify(SERVER)}], env: { PORT: '${port}' }, url: '${url}', mend: '' },
       { signal: new AbortController().signal, onLine: () => {} },
     );
     console.log('started');`,
  );
  const child = spawn(process.execPath, [parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const pid = await innerPid(url);
  child.kill('SIGKILL');
  await isGone(pid);
});

it('names a port that is in use, what it is for, and the way out', async () => {
  const { port, service } = await start(SERVER);
  const running = await service;
  await expect(requireFreePort(port, 'the Worker')).rejects.toThrow(
    `Port ${port}, wanted for the Worker, is in use. Free it, or choose other ports, for example: PORT=9000 npm start`,
  );
  await running.stop();
  await expect(requireFreePort(port, 'the Worker')).resolves.toBeUndefined();
});
