import { setTimeout as wait } from 'node:timers/promises';
import type { Usage } from '../faults/usage.ts';
import { CALL_STREAMS, forgetAll } from './mesh.ts';
import type { SfuProcess } from './sfu-process.ts';
import { SyntheticCall } from './synthetic-call.ts';

export interface SessionMemory {
  sessions: number;
  rssBytesPerSession: number;
  heapBytesPerSession: number;
}

/** What is left of so many sessions after all of them are gone. */
export interface Residue {
  sessions: number;
  rssBytes: number;
  heapBytes: number;
  /** Handles and timers of Node. */
  resources: number;
}

/** Each batch takes a second: of two engines, the one that dials often finds the other not listening yet, and tries again. */
const AT_A_TIME = 50;
const SENDING_MS = 1_000;

/** Bytes that a session takes which is connected and publishes a camera and a microphone. */
export async function measureSessionMemory(sfu: SfuProcess, sessions: number): Promise<SessionMemory> {
  const before = await sfu.control.usage();
  const call = new SyntheticCall(sfu.access);
  try {
    for (let open = 0; open < sessions; open += AT_A_TIME)
      await Promise.all(Array.from({ length: AT_A_TIME }, () => call.join(CALL_STREAMS)));
    await wait(SENDING_MS);
    const { rssBytes, heapBytes } = difference(before, await sfu.control.usage());
    return { sessions, rssBytesPerSession: rssBytes / sessions, heapBytesPerSession: heapBytes / sessions };
  } finally {
    call.close();
    await forgetAll(sfu);
  }
}

/** Opens, connects, publishes on and closes so many sessions, a few at a time, after as many for warming up as `warmUp` says. */
export async function measureResidue(sfu: SfuProcess, sessions: number, warmUp: number): Promise<Residue> {
  await openAndClose(sfu, warmUp);
  const before = await sfu.control.usage();
  await openAndClose(sfu, sessions);
  return { sessions, ...difference(before, await sfu.control.usage()) };
}

async function openAndClose(sfu: SfuProcess, sessions: number): Promise<void> {
  for (let opened = 0; opened < sessions; opened += AT_A_TIME) {
    const call = new SyntheticCall(sfu.access);
    try {
      await Promise.all(Array.from({ length: Math.min(AT_A_TIME, sessions - opened) }, () => call.join(CALL_STREAMS)));
    } finally {
      call.close();
      await forgetAll(sfu);
    }
  }
}

function difference(before: Usage, after: Usage): Omit<Residue, 'sessions'> {
  return {
    rssBytes: after.rssBytes - before.rssBytes,
    heapBytes: after.heapBytes - before.heapBytes,
    resources: count(after) - count(before),
  };
}

function count({ resources }: Usage): number {
  return Object.values(resources).reduce((total, value) => total + value, 0);
}
