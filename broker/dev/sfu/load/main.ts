/** What the stand-in SFU holds, as JSON on standard output. About 40 seconds; it wants two cores to itself. */
import { measureMesh, type MeshLoad } from './mesh.ts';
import { measureResidue, measureSessionMemory, type Residue, type SessionMemory } from './session-memory.ts';
import { startSfuProcess } from './sfu-process.ts';

export interface SfuLoad {
  /** The first is a call of six; the rest grow until one does not hold, or to the end. */
  meshes: MeshLoad[];
  /** Video streams per core of the largest call that held. */
  streamsPerCore: number;
  memory: SessionMemory;
  residue: Residue;
}

const MESHES = [6, 12, 18, 24];
const MEASURE_MS = 3_000;
const LOST_SHARE_MAX = 0.001;
/** A queue that grows shows here before packets are lost. The slowest tell more of what else the machine does. */
const LATENCY_P50_MAX_MS = 50;

const sfu = await startSfuProcess({ lostSessionMs: 200 });
try {
  const memory = await measureSessionMemory(sfu, 50);
  const residue = await measureResidue(sfu, 200, 50);
  const meshes: MeshLoad[] = [];
  for (const clients of MESHES) {
    const mesh = await measureMesh(sfu, clients, MEASURE_MS);
    meshes.push(mesh);
    if (!holds(mesh)) break;
  }
  const largest = meshes.findLast(holds);
  const streamsPerCore = largest ? largest.streams / largest.sfuCores : 0;
  const load: SfuLoad = { meshes, streamsPerCore, memory, residue };
  console.log(JSON.stringify(load));
} finally {
  await sfu.stop();
}
// The engine keeps a client that has left for a minute more, and the process with it.
process.exit();

function holds({ lostShare, latencyP50 }: MeshLoad): boolean {
  return lostShare <= LOST_SHARE_MAX && latencyP50 <= LATENCY_P50_MAX_MS;
}
