import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FaultClient } from '../faults/fault-client.ts';
import type { Timings } from '../timings.ts';
import type { SfuAccess } from './synthetic-client.ts';

export interface SfuProcess {
  access: SfuAccess;
  control: FaultClient;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const APP_ID = 'load';
const APP_TOKEN = 'load-token';

/** The stand-in in a process of its own, so that what it uses can be told from what its clients use. */
export async function startSfuProcess(timings: Partial<Timings>): Promise<SfuProcess> {
  const child = spawn(process.execPath, ['--expose-gc', MAIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      CONTROL_PORT: '0',
      ADDRESS: '',
      REALTIME_APP_ID: APP_ID,
      REALTIME_APP_TOKEN: APP_TOKEN,
      TIMINGS: JSON.stringify(timings),
    },
  });
  const ended = once(child, 'exit');
  const urls: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    urls.push(line);
    if (urls.length === 2) break;
  }
  const [url, controlUrl] = urls;
  if (!url || !controlUrl) throw new Error('The stand-in SFU did not start.');
  return {
    access: { appUrl: `${url}/apps/${APP_ID}`, appToken: APP_TOKEN },
    control: new FaultClient(controlUrl),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
