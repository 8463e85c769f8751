import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { beforeAll, expect, it } from 'vitest';

/** Twelve were meant, for less than it does now: the bench shows what it is over. */
const BUDGET_BYTES = 30 * 1024;

let code: string;
let modules: string[];

beforeAll(async () => {
  const configFile = fileURLToPath(new URL('vite.engine.config.ts', import.meta.url));
  const built = await build({ configFile, logLevel: 'error', build: { write: false } });
  const [result] = Array.isArray(built) ? built : [built];
  const chunk = result && 'output' in result ? result.output[0] : undefined;
  if (!chunk) throw new Error('the build gave no module');
  ({ code, moduleIds: modules } = chunk);
});

it('the engine by itself stays within its budget, as servers send it', () => {
  const bytes = gzipSync(code, { level: 9 }).length;
  expect(bytes, `realtime-call-engine.js weighs ${bytes} bytes gzip`).toBeLessThanOrEqual(BUDGET_BYTES);
});

it('holds nothing of the interface, and no Lit', () => {
  expect(modules.length).toBeGreaterThan(50);
  expect(modules.filter((id) => /node_modules|\/src\/ui\/|\/realtime-call\.ts$/.test(id))).toEqual([]);
});

it('touches no element of the page: it looks whether the page is seen, and makes a black picture where only a canvas can', () => {
  const uses = new Set(code.match(/(?<![\w$.])document\b[\w.]*(?:\(`?\w*)?/g));
  expect([...uses].sort()).toEqual([
    'document.addEventListener(`visibilitychange',
    'document.createElement(`canvas',
    'document.hidden',
    'document.removeEventListener(`visibilitychange',
  ]);
  expect(code).not.toMatch(/HTML\w*Element|customElements|ShadowRoot|querySelector|innerHTML|\bDocument\b/);
});

it('is importable where there is no page at all', async () => {
  const url = `data:text/javascript,${encodeURIComponent(code)}`;
  const module: object = await import(/* @vite-ignore */ url);
  expect(Object.keys(module)).toEqual(['createCall']);
});
