/** `node broker/dev/wrangler.ts <command>`: the project's wrangler, quiet. What the caller's environment says wins. */
import { spawn } from 'node:child_process';
import { WRANGLER_ENVIRONMENT, WRANGLER_PATH } from './wrangler-command.ts';

const child = spawn(process.execPath, [WRANGLER_PATH, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...WRANGLER_ENVIRONMENT, ...process.env },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`wrangler did not start (${error.message}). Run "npm ci" again.`);
  process.exit(1);
});
child.on('exit', (code) => process.exit(code ?? 1));
