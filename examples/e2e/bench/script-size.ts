import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { BenchGroup } from './bench-group.ts';

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

const SCRIPT = fileURLToPath(new URL('../../../dist/realtime-call.js', import.meta.url));
/** What the design asks for; `widget/script-size.test.ts` holds the script to where it stands. */
const GZIP_MOST_KB = 40;

export const scriptSizeGroup: BenchGroup = {
  name: 'script',
  title: 'weighing the one script',
  async run({ backstage }) {
    // The Worker's start builds it.
    await backstage.stage();
    const size = scriptSize(SCRIPT);
    const row = { unit: 'kB', digits: 1 };
    return {
      raw: size,
      rows: [
        { ...row, what: 'the one script, minified', here: size.minified / 1000 },
        {
          ...row,
          what: 'the one script, gzip',
          here: size.gzip / 1000,
          budget: { of: 'here', most: GZIP_MOST_KB },
        },
        { ...row, what: 'the one script, brotli', here: size.brotli / 1000 },
      ],
    };
  },
};
