import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it } from 'vitest';

/**
 * Forty were meant. Layers by tile, recovery without a flash, statistics, the waiting room, and connections made in the
 * lobby took eleven more.
 */
const BUDGET_BYTES = 51 * 1024;

it('the one script stays within 51 KB as servers send it', { timeout: 60_000 }, async () => {
  const configFile = fileURLToPath(new URL('vite.config.ts', import.meta.url));
  const built = await build({ configFile, logLevel: 'error', build: { write: false } });
  const [result] = Array.isArray(built) ? built : [built];
  if (!result || !('output' in result)) throw new Error('the build gave no output');
  const script = result.output.find(({ fileName }) => fileName === 'realtime-call.js');
  if (script?.type !== 'chunk') throw new Error('the build gave no script');

  const bytes = gzipSync(script.code, { level: 9 }).length;
  expect(
    bytes,
    `realtime-call.js weighs ${bytes} bytes gzip, over the budget of ${BUDGET_BYTES}: every page that embeds a call pays for it. Take something out, or argue for another budget.`,
  ).toBeLessThanOrEqual(BUDGET_BYTES);
});
