/** Writes `broker/protocol/token-vectors.json`. Run it after a change in this folder: a test holds the file against it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { buildVectorFile } from './vectors.ts';

export const PATH = join(import.meta.dirname, '../../protocol/token-vectors.json');

/** In ASCII: what is not is escaped, so that no editor and no parser can change it. */
export async function spell(): Promise<string> {
  const config = await resolveConfig(PATH);
  const text = await format(JSON.stringify(buildVectorFile()), { ...config, parser: 'json' });
  return text.replaceAll(/[^\n -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

if (import.meta.main) writeFileSync(PATH, await spell());
