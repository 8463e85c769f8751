import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { startRuntime, type Runtime } from '../../../broker/dev/load/runtime.ts';
import { freePort } from '../../../broker/dev/ports.ts';
import { FaultClient } from '../../../broker/dev/sfu/faults/fault-client.ts';
import { randomTokenKeys, standInApp, startSite, startStandIn } from '../../../broker/dev/stack.ts';

const ADDRESS = '127.0.0.1';
const ENTRY = fileURLToPath(new URL('../../../broker/src/worker.ts', import.meta.url));
const SCRIPT = fileURLToPath(new URL('../../../dist/realtime-call.js', import.meta.url));

/** What `npm start` starts, with everything in a test's hands that can fail. Every session has a relay, and can go dark. */
export interface OutageStack {
  siteUrl: string;
  faults: FaultClient;
  broker: Pick<Runtime, 'restart'>;
  /** The way of all calls and sockets to the broker. */
  door: Door;
  /** For each page, before it is opened: the runtime has no files to serve, so the script comes from here. */
  prepare(page: Page): Promise<unknown>;
  /** Rejects where anybody broke the rules of the SFU's API. */
  stop(): Promise<void>;
}

export interface Door {
  /** Cuts every connection, and lets none in until it is opened. How many it cut. */
  shut(): number;
  open(): void;
}

export async function startOutageStack(): Promise<OutageStack> {
  const [sfuPort, controlPort, brokerPort, sitePort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const app = standInApp(sfuPort);
  const tokenKeys = randomTokenKeys();
  const watch = { signal: new AbortController().signal, onLine: () => undefined };
  const { door, url, close } = await openDoor(brokerPort);
  const [sfu, broker, site] = await Promise.all([
    startStandIn(sfuPort, app, watch, controlPort),
    startRuntime({
      entry: ENTRY,
      port: brokerPort,
      environment: { ...app, ROOM_TOKEN_KEYS: tokenKeys },
      objects: { ROOMS: 'RoomObject' },
    }),
    startSite(sitePort, url, tokenKeys, watch),
  ]);
  const faults = new FaultClient(`http://${ADDRESS}:${controlPort}`);
  await faults.set({ type: 'relay' });
  return {
    siteUrl: `http://localhost:${sitePort}`,
    faults,
    broker,
    door,
    prepare: (page) => page.route(`${url}/realtime-call.js`, (route) => route.fulfill({ path: SCRIPT })),
    async stop() {
      const violations = await faults.violations();
      close();
      await Promise.all([sfu.stop(), broker.stop(), site.stop()]);
      if (violations.length > 0) throw new Error(`Not as the SFU's API has it: ${JSON.stringify(violations)}`);
    },
  };
}

async function openDoor(target: number): Promise<{ door: Door; url: string; close: () => void }> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer((near) => {
    if (!isOpen) return void near.destroy();
    const far = connect(target, ADDRESS);
    near.pipe(far).pipe(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, ADDRESS, resolve));
  const cut = (): number => {
    const count = sockets.size / 2;
    for (const socket of sockets) socket.destroy();
    return count;
  };
  return {
    url: `http://${ADDRESS}:${(server.address() as AddressInfo).port}`,
    door: {
      shut() {
        isOpen = false;
        return cut();
      },
      open: () => void (isOpen = true),
    },
    close() {
      server.close();
      cut();
    },
  };
}
