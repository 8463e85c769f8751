import type { TestProject } from 'vitest/node';
import { freePort } from '../../../broker/dev/ports.ts';
import type { Service } from '../../../broker/dev/service.ts';
import { randomTokenKeys, standInApp, startSite, startStandIn, startWorker } from '../../../broker/dev/stack.ts';
import { startFaultProxy } from './fault-proxy.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the example pages are, without a slash at the end. */
    siteUrl: string;
    brokerUrl: string;
    /** Takes orders for {@link setFault}. */
    faultUrl: string;
    tokenKeys: string;
  }
}

/** Starts what `npm start` starts, on free ports, with a switch for faults between the Worker and the SFU. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log: string[] = [];
  const watch = {
    signal: new AbortController().signal,
    onLine: (name: string, line: string) => void log.push(`${name} | ${line}`),
  };
  const [sfuPort, workerPort, sitePort] = [await freePort(), await freePort(), await freePort()];
  const app = standInApp(sfuPort);
  const faults = await startFaultProxy(app.REALTIME_API_URL);
  const tokenKeys = randomTokenKeys();
  const brokerUrl = `http://127.0.0.1:${workerPort}`;

  const starts = [
    startStandIn(sfuPort, app, watch),
    startWorker(workerPort, { ...app, REALTIME_API_URL: faults.url }, tokenKeys, watch),
    startSite(sitePort, brokerUrl, tokenKeys, watch),
  ];
  const stop = async () => {
    const services: (Service | undefined)[] = await Promise.all(starts.map((start) => start.catch(() => undefined)));
    await Promise.all([faults.close(), ...services.map((service) => service?.stop())]);
  };
  try {
    for (const { died } of await Promise.all(starts))
      void died.then((sentence) => console.error(`${log.slice(-40).join('\n')}\n${sentence}`));
  } catch (error) {
    console.error(log.join('\n'));
    await stop();
    throw error;
  }
  project.provide('siteUrl', `http://localhost:${sitePort}`);
  project.provide('brokerUrl', brokerUrl);
  project.provide('faultUrl', faults.orderUrl);
  project.provide('tokenKeys', tokenKeys);
  return stop;
}
