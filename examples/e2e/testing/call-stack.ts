import { freePort } from '../../../broker/dev/ports.ts';
import type { Service } from '../../../broker/dev/service.ts';
import { FaultClient } from '../../../broker/dev/sfu/faults/fault-client.ts';
import { randomTokenKeys, standInApp, startSite, startStandIn, startWorker } from '../../../broker/dev/stack.ts';

export interface CallStack {
  /** Where the example pages are, without a slash at the end. */
  siteUrl: string;
  brokerUrl: string;
  /** Where a `FaultClient` sets faults in the SFU. */
  controlUrl: string;
  tokenKeys: string;
  /** Ends it all. Rejects where anybody broke the rules of the SFU's API, or the Worker's log says too much. */
  stop(): Promise<void>;
}

/** Starts what `npm start` starts, on free ports. Media goes to `mediaAddress`; to loopback unless given. */
export async function startCallStack(mediaAddress?: string): Promise<CallStack> {
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
    startStandIn(sfuPort, app, watch, controlPort, mediaAddress),
    startWorker(workerPort, app, tokenKeys, watch),
    startSite(sitePort, brokerUrl, tokenKeys, watch),
  ];
  const end = async () => {
    const services: (Service | undefined)[] = await Promise.all(starts.map((start) => start.catch(() => undefined)));
    await Promise.all(services.map((service) => service?.stop()));
  };
  try {
    for (const { died } of await Promise.all(starts))
      void died.then((sentence) => console.error(`${log.slice(-40).join('\n')}\n${sentence}`));
  } catch (error) {
    console.error(log.join('\n'));
    await end();
    throw error;
  }
  return {
    siteUrl: `http://localhost:${sitePort}`,
    brokerUrl,
    controlUrl,
    tokenKeys,
    async stop() {
      const violations = await new FaultClient(controlUrl).violations();
      // The last line of the log, by which it is known to be seen at all.
      await fetch(`${brokerUrl}/rooms/last/join`, { method: 'POST' });
      await end();
      const lines = log.filter((line) => line.startsWith('worker | '));
      checkLog(lines, [app.REALTIME_APP_TOKEN, ...JSON.parse(tokenKeys).map(({ k }: { k: string }) => k)]);
      if (violations.length > 0) throw new Error(`Not as the SFU's API has it: ${JSON.stringify(violations, null, 2)}`);
    },
  };
}

/** What every token, description and name in these tests has in it. */
const CONFIDENTIAL = ['eyJ', 'v=0', 'a=ice', 'Ada', 'Ben', 'Cleo', 'room-', '127.0.0.1:'];

/** A26: the log of the Worker has one line for each event, and nothing in them that is nobody's business. */
function checkLog(lines: readonly string[], secrets: readonly string[]): void {
  const events = lines.filter((line) => line.includes('{"event":'));
  const leaks = events.filter((line) => [...CONFIDENTIAL, ...secrets].some((text) => line.includes(text)));
  if (leaks.length > 0) throw new Error(`The Worker's log says too much:\n${leaks.join('\n')}`);
  if (secrets.some((secret) => lines.join('\n').includes(secret)))
    throw new Error("A secret is in the Worker's output");
  if (!events.some((line) => line.includes('token_refused'))) throw new Error("The Worker's log was not seen");
}
