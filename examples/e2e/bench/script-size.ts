import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { BenchGroup } from './bench-group.ts';
import type { Row } from './table.ts';

interface ScriptSize {
  minified: number;
  gzip: number;
  brotli: number;
}

/** Bytes of a built script as it lies on disk and as servers send it (gzip 9, brotli 11). */
function scriptSize(path: string): ScriptSize {
  const script = readFileSync(path);
  return {
    minified: script.length,
    gzip: gzipSync(script, { level: 9 }).length,
    brotli: brotliCompressSync(script, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
  };
}

const built = (name: string) => fileURLToPath(new URL(`../../../dist/${name}`, import.meta.url));
/** What the design asks for; the tests in `widget` hold both to where they stand. */
const GZIP_MOST_KB = { script: 40, engine: 12 };

export const scriptSizeGroup: BenchGroup = {
  name: 'script',
  title: 'weighing the one script, and the engine by itself',
  async run({ backstage }) {
    // The Worker's start builds them.
    await backstage.stage();
    const script = scriptSize(built('realtime-call.js'));
    const engine = scriptSize(built('realtime-call-engine.js'));
    const row = (what: string, bytes: number): Row => ({ what, here: bytes / 1000, unit: 'kB', digits: 1 });
    const most = (kilobytes: number) => ({ of: 'here' as const, most: kilobytes });
    return {
      raw: { script, engine },
      rows: [
        row('the one script, minified', script.minified),
        { ...row('the one script, gzip', script.gzip), budget: most(GZIP_MOST_KB.script) },
        row('the one script, brotli', script.brotli),
        { ...row('the engine by itself, gzip', engine.gzip), budget: most(GZIP_MOST_KB.engine) },
        row('the engine by itself, brotli', engine.brotli),
      ],
    };
  },
};
