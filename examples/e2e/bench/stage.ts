import { importJWK, SignJWT, type JWK, type JWTPayload } from 'jose';
import { chromium, type Browser } from 'playwright-core';
import { browserArgs, browserPath } from '../../../.ci/browser.ts';
import { freePort } from '../../../broker/dev/ports.ts';
import type { Service } from '../../../broker/dev/service.ts';
import { FaultClient } from '../../../broker/dev/sfu/faults/fault-client.ts';
import { randomTokenKeys, standInApp, startStandIn, startWorker } from '../../../broker/dev/stack.ts';
import { startBenchSite, type BenchSite } from './bench-site.ts';
import { startDelayProxy, type DelayProxy } from './delay-proxy.ts';
import { startMediaRelay, type MediaRelay } from './media-relay.ts';
import { type Namespace } from './namespace.ts';
import { NetworkPath } from './network-path.ts';
import { startSfuFront } from './sfu-front.ts';

/** Where pages come in: what they call and where their media goes, all of it as far away as the stage's path says. */
export interface Door {
  site: BenchSite;
  proxy: DelayProxy;
  relay: MediaRelay;
}

/** What is measured, running: the Worker, the stand-in SFU, pages, and the way there. */
export interface Stage {
  /** Without the way there. */
  brokerUrl: string;
  path: NetworkPath;
  door: Door;
  /** Sets the SFU's faults, and tells of its sessions. */
  faults: FaultClient;
  /** A room token; a guest's who is not in the room, unless `claims` say otherwise. */
  token(room: string, claims?: JWTPayload): Promise<string>;
  /** A second door, on another address of this machine; the SFU sends all media there until it is shut. */
  openDoor(address: string): Promise<Door & { shut(): void }>;
}

const LOOPBACK = '127.0.0.1';

/** Everything that was started, to be ended in one go; and the last lines it printed. */
export class Backstage {
  readonly #interrupt = new AbortController();
  readonly #log: string[] = [];
  readonly #closers: (() => Promise<unknown> | void)[] = [];
  #stage: Promise<Stage> | undefined;

  /** Starts on first use, in about ten seconds. */
  stage(): Promise<Stage> {
    return (this.#stage ??= this.#start());
  }

  get lastLines(): readonly string[] {
    return this.#log.slice(-30);
  }

  async close(): Promise<void> {
    this.#interrupt.abort();
    await Promise.allSettled(this.#closers.splice(0).map((close) => close()));
  }

  async #start(): Promise<Stage> {
    const [sfuPort, controlPort, workerPort] = [await freePort(), await freePort(), await freePort()];
    const app = standInApp(sfuPort);
    const tokenKeys = randomTokenKeys();
    const brokerUrl = `http://${LOOPBACK}:${workerPort}`;
    const path = new NetworkPath();
    const relay = await startMediaRelay(path);
    const front = await startSfuFront(app.REALTIME_API_URL, relay);
    this.#closers.push(() => relay.close(), front.close);
    const fronted = { ...app, REALTIME_API_URL: new URL('/v1', front.url).href };
    await Promise.all([
      this.#keep(startStandIn(sfuPort, app, this.#watch, controlPort)),
      this.#keep(startWorker(workerPort, fronted, tokenKeys, this.#watch)),
    ]);

    const openDoor = async (address: string, relay: MediaRelay): Promise<Door> => {
      const proxy = await startDelayProxy(brokerUrl, path, address);
      const scriptUrl = `${address === LOOPBACK ? brokerUrl : proxy.url}/realtime-call.js`;
      const site = await startBenchSite({ address, scriptUrl, path, app: fronted });
      this.#closers.push(proxy.close, site.close);
      return { site, proxy, relay };
    };
    return {
      brokerUrl,
      path,
      door: await openDoor(LOOPBACK, relay),
      faults: new FaultClient(`http://${LOOPBACK}:${controlPort}`),
      token: (room, claims) => signToken(tokenKeys, room, claims),
      openDoor: async (address) => {
        const far = await startMediaRelay(path, address);
        this.#closers.push(() => far.close());
        front.relay = far;
        return { ...(await openDoor(address, far)), shut: () => void (front.relay = relay) };
      },
    };
  }

  async #keep(start: Promise<Service>): Promise<void> {
    this.#closers.push(async () => (await start.catch(() => undefined))?.stop());
    await start;
  }

  get #watch() {
    return {
      signal: this.#interrupt.signal,
      onLine: (name: string, line: string) => void this.#log.push(`${name} | ${line}`),
    };
  }
}

/** Chromium with fake devices, for the time that `use` takes; inside `namespace`, where one is given. */
export async function withBrowser<T>(
  use: (browser: Browser) => Promise<T>,
  namespace?: Namespace,
  extraArgs: readonly string[] = [],
): Promise<T> {
  const path = await browserPath();
  const executablePath = namespace ? namespace.wrap(path) : path;
  const browser = await chromium.launch({ executablePath, args: [...browserArgs, ...extraArgs] });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

async function signToken(tokenKeys: string, room: string, claims: JWTPayload = {}): Promise<string> {
  const [jwk] = JSON.parse(tokenKeys) as [JWK & { kid: string }];
  return new SignJWT({ room, role: 'guest', ...claims })
    .setProtectedHeader({ alg: 'HS256', kid: jwk.kid })
    .setAudience('realtime-call')
    .setSubject(claims.sub ?? `bench-${crypto.randomUUID()}`)
    .setIssuedAt()
    .setExpirationTime('1 hour')
    .sign(await importJWK(jwk, 'HS256'));
}
