import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export interface ScriptSize {
  minified: number;
  gzip: number;
  brotli: number;
}

/** Bytes of a built script as it lies on disk and as servers send it (gzip 9, brotli 11). */
export function scriptSize(path: string): ScriptSize {
  const script = readFileSync(path);
  return {
    minified: script.length,
    gzip: gzipSync(script, { level: 9 }).length,
    brotli: brotliCompressSync(script, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
  };
}
