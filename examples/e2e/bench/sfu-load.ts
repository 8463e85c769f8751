import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { SfuLoad } from '../../../broker/dev/sfu/load/main.ts';

const LOAD_PATH = fileURLToPath(new URL('../../../broker/dev/sfu/load/main.ts', import.meta.url));
const TIMEOUT_MS = 60_000;

/** What a stand-in SFU of its own holds, loaded by a process of its own. Rejects where that takes more than a minute. */
export async function measureSfuLoad(): Promise<SfuLoad> {
  const { stdout } = await promisify(execFile)(process.execPath, [LOAD_PATH], { timeout: TIMEOUT_MS });
  return JSON.parse(stdout) as SfuLoad;
}

/** Rows of the bench's table. */
export function sfuLoadRows({ meshes, streamsPerCore, memory, residue }: SfuLoad): string[][] {
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;
  const row = (what: string, here: string) => [what, here, '', ''];
  return [
    ...meshes.flatMap(({ clients, streams, sfuCores, latencyP50, latencyP99, lostShare }) => {
      const call = `stand-in SFU, call of ${clients}, ${streams} cameras forwarded`;
      return [
        row(`${call}: of a core`, `${(sfuCores * 100).toFixed(0)} %`),
        row(`${call}: ms through it, p50 / p99`, `${latencyP50.toFixed(1)} / ${latencyP99.toFixed(1)}`),
        row(`${call}: lost`, `${(lostShare * 100).toFixed(2)} %`),
      ];
    }),
    row('stand-in SFU, cameras forwarded per core', streamsPerCore.toFixed(0)),
    row(`stand-in SFU, memory of a session, ${memory.sessions} open`, megabytes(memory.rssBytesPerSession)),
    row(`stand-in SFU, heap growth over ${residue.sessions} sessions opened and closed`, megabytes(residue.heapBytes)),
    row(`stand-in SFU, memory growth over the same`, megabytes(residue.rssBytes)),
  ];
}
