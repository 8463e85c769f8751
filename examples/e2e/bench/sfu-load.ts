import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { SfuLoad } from '../../../broker/dev/sfu/load/main.ts';
import type { BenchGroup } from './bench-group.ts';
import type { Row } from './table.ts';

const LOAD_PATH = fileURLToPath(new URL('../../../broker/dev/sfu/load/main.ts', import.meta.url));
const TIMEOUT_MS = 60_000;

/** What a stand-in SFU of its own holds, loaded by a process of its own. */
export const sfuLoadGroup: BenchGroup = {
  name: 'sfu',
  title: 'filling a stand-in SFU with synthetic clients',
  async run() {
    const { stdout } = await promisify(execFile)(process.execPath, [LOAD_PATH], { timeout: TIMEOUT_MS });
    const load = JSON.parse(stdout) as SfuLoad;
    return { raw: load, rows: rowsOf(load) };
  },
};

function rowsOf({ meshes, streamsPerCore, memory, residue }: SfuLoad): Row[] {
  const megabytes = { unit: 'MB', digits: 2 };
  return [
    ...meshes.flatMap(({ clients, streams, sfuCores, latencyP50, latencyP99, lostShare }): Row[] => {
      const call = `stand-in SFU, call of ${clients}, ${streams} cameras forwarded`;
      return [
        { what: `${call}: of a core`, unit: '%', here: sfuCores * 100 },
        { what: `${call}: through it, p50`, unit: 'ms', digits: 1, here: latencyP50 },
        { what: `${call}: through it, p99`, unit: 'ms', digits: 1, here: latencyP99 },
        { what: `${call}: lost`, unit: '%', digits: 2, here: lostShare * 100 },
      ];
    }),
    { what: 'stand-in SFU, cameras forwarded per core', here: streamsPerCore },
    {
      ...megabytes,
      what: `stand-in SFU, memory of a session, ${memory.sessions} open`,
      here: memory.rssBytesPerSession / 1e6,
    },
    {
      ...megabytes,
      what: `stand-in SFU, heap growth over ${residue.sessions} sessions opened and closed`,
      here: residue.heapBytes / 1e6,
    },
    { ...megabytes, what: 'stand-in SFU, memory growth over the same', here: residue.rssBytes / 1e6 },
  ];
}
