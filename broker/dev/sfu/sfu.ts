import { once } from 'node:events';
import { isIPv4, type AddressInfo } from 'node:net';
import { createHttpServer } from './api/http-server.ts';
import { SessionRegistry } from './session/session-registry.ts';
import { DEFAULT_TIMINGS, type Timings } from './timings.ts';
import { startDatachannelEngine } from './transport/datachannel-engine.ts';
import type { Engine } from './transport/raw-transport.ts';

export interface SfuOptions {
  /** Of the HTTP API; 0 takes a free one. The media port is always a free one. */
  port?: number;
  /** IPv4 address for HTTP and media. Loopback unless given: the SFU is for development, not for a network. */
  address?: string;
  appId: string;
  appToken: string;
  /** Shorter waits, for tests. */
  timings?: Partial<Timings>;
  /** Another engine, such as one that loses packets. */
  startEngine?: (address: string) => Promise<Engine>;
}

export interface Sfu {
  /** Base URL of the API: what `https://rtc.live.cloudflare.com/v1` is for the real one. */
  url: string;
  /** Ends every session. */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const EVERY_ADDRESS = '0.0.0.0';

/**
 * Starts a stand-in SFU. Rejects with the code `EADDRINUSE` where the port is taken. Use it in a process of its own or in
 * the main thread of one: in a worker thread, ending the thread hangs.
 */
export async function startSfu(options: SfuOptions): Promise<Sfu> {
  const { port = 0, address = LOOPBACK, appId, appToken, timings, startEngine = startDatachannelEngine } = options;
  if (!isIPv4(address)) throw new TypeError(`The address must be an IPv4 address, not "${address}".`);
  const engine = await startEngine(address);
  const sessions = new SessionRegistry(engine, { ...DEFAULT_TIMINGS, ...timings });
  const server = createHttpServer(sessions, { appId, appToken });
  const closeSessions = async (): Promise<void> => {
    sessions.close();
    await engine.close();
  };
  try {
    server.listen(port, address);
    await once(server, 'listening');
  } catch (error) {
    await closeSessions();
    throw error;
  }
  const host = address === EVERY_ADDRESS ? LOOPBACK : address;
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      server.close();
      server.closeAllConnections();
      await closeSessions();
    },
  };
}
