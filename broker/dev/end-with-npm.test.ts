import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

const MODULE = new URL('./end-with-npm.ts', import.meta.url).href;
/** Says its id, lives on, and has the last word where it is told to end. */
const PROGRAM = `
  await import('${MODULE}');
  process.once('SIGTERM', () => { console.log('told to end'); process.exit(0); });
  setInterval(() => {}, 1000);
  console.log(process.pid);`;

it('a script is told to end where the shell that npm runs it in has died', async () => {
  const shell = spawn('sh', ['-c', '"$NODE" --input-type=module -e "$PROGRAM" & wait'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE: process.execPath, PROGRAM, npm_lifecycle_event: 'start' },
  });
  const closed = once(shell.stdout, 'close');
  const said: string[] = [];
  const idSaid = once(shell.stdout, 'data');
  shell.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString().trim()));
  await idSaid;
  shell.kill('SIGTERM');
  const gaveUp = setTimeout(() => process.kill(Number(said[0]), 'SIGKILL'), 4_000);
  await closed;
  clearTimeout(gaveUp);
  expect(said.slice(1)).toEqual(['told to end']);
});
