import { build } from 'esbuild';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

it('A26 the script that pages load knows no secret of the broker, nor the name of one', async () => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['widget/src/index.ts'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
  });
  const text = outputFiles.map((file) => file.text).join('');
  expect(text).toContain('realtime-call');
  for (const name of ['REALTIME_APP', 'ROOM_TOKEN_KEYS', 'TURN_KEY', 'rtc.live.cloudflare.com', 'jose'])
    expect(text).not.toContain(name);
  expect(Object.keys(metafile.inputs).filter((path) => /^broker\/(?!protocol\/)/.test(path))).toEqual([]);
});
