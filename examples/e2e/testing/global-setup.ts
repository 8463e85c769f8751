import type { TestProject } from 'vitest/node';
import { freePort } from '../../../broker/dev/ports.ts';
import type { Service } from '../../../broker/dev/service.ts';
import { FaultClient } from '../../../broker/dev/sfu/faults/fault-client.ts';
import { randomTokenKeys, standInApp, startSite, startStandIn, startWorker } from '../../../broker/dev/stack.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the example pages are, without a slash at the end. */
    siteUrl: string;
    brokerUrl: string;
    /** Where a `FaultClient` sets faults in the SFU. */
    controlUrl: string;
    tokenKeys: string;
  }
}

/** Starts what `npm start` starts, on free ports. The run fails where anybody broke the rules of the SFU's API. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log: string[] = [];
  const watch = {
    signal: new AbortController().signal,
    onLine: (name: string, line: string) => void log.push(`${name} | ${line}`),
  };
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()] as const;
  const [sfuPort, controlPort, workerPort, sitePort] = ports;
  const app = standInApp(sfuPort);
  const controlUrl = `http://127.0.0.1:${controlPort}`;
  const tokenKeys = randomTokenKeys();
  const brokerUrl = `http://127.0.0.1:${workerPort}`;

  const starts = [
    startStandIn(sfuPort, app, watch, controlPort),
    startWorker(workerPort, app, tokenKeys, watch),
    startSite(sitePort, brokerUrl, tokenKeys, watch),
  ];
  const stop = async () => {
    const services: (Service | undefined)[] = await Promise.all(starts.map((start) => start.catch(() => undefined)));
    await Promise.all(services.map((service) => service?.stop()));
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
  project.provide('controlUrl', controlUrl);
  project.provide('tokenKeys', tokenKeys);
  return async () => {
    const violations = await new FaultClient(controlUrl).violations();
    await stop();
    if (violations.length > 0) throw new Error(`Not as the SFU's API has it: ${JSON.stringify(violations, null, 2)}`);
  };
}
