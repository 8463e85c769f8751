import { once } from 'node:events';
import { isIPv4, type AddressInfo } from 'node:net';
import { createHttpServer } from './api/http-server.ts';
import type { TurnKey } from './api/turn.ts';
import type { Violation } from './schema/check.ts';
import { Violations } from './schema/violations.ts';
import { answerWithFaults } from './faults/answer-with-faults.ts';
import { startControlServer, type ControlServer } from './faults/control-server.ts';
import { FaultBoard } from './faults/fault-board.ts';
import { FaultyNetwork } from './faults/faulty-network.ts';
import { SessionRegistry } from './session/session-registry.ts';
import { DEFAULT_TIMINGS, type Timings } from './timings.ts';
import { startDatachannelEngine } from './transport/datachannel-engine.ts';
import type { Engine } from './transport/raw-transport.ts';

export interface SfuOptions {
  /** Of the HTTP API; 0 takes a free one. The media port is always a free one. */
  port?: number;
  /** IPv4 address for HTTP and media. Loopback unless given: the SFU is for development, not for a network. */
  address?: string;
  /** Another for media alone: Firefox sends none to loopback. */
  mediaAddress?: string;
  appId: string;
  appToken: string;
  /** Whose TURN credentials it gives out, by a bearer of its own. */
  turnKey?: TurnKey;
  /** Called with everything that breaks the API's rules, as it happens. */
  onViolation?: (violation: Violation) => void;
  /** Shorter waits, for tests. */
  timings?: Partial<Timings>;
  /** Opens an endpoint for faults, on loopback whatever the address; 0 takes a free port. Without it there are no faults. */
  controlPort?: number;
  /** Another engine, such as one that loses packets. */
  startEngine?: (address: string) => Promise<Engine>;
}

export interface Sfu {
  /** Base URL of the API: what `https://rtc.live.cloudflare.com/v1` is for the real one. */
  url: string;
  /** Where a `FaultClient` sets faults, if that was asked for. */
  controlUrl?: string;
  /** What callers sent, or it answered itself, against the API's shapes; the first hundred. A test expects none. */
  violations(): readonly Violation[];
  /** Ends every session. */
  close(): Promise<void>;
}

/** Good for a stand-in that only this machine can reach. */
export const DEFAULT_TURN_KEY: TurnKey = { id: '0'.repeat(32), token: 'development-only' };

const LOOPBACK = '127.0.0.1';
const EVERY_ADDRESS = '0.0.0.0';

/**
 * Starts a stand-in SFU. Rejects with the code `EADDRINUSE` where the port is taken. Use it in a process of its own or in
 * the main thread of one: in a worker thread, ending the thread hangs.
 */
export async function startSfu(options: SfuOptions): Promise<Sfu> {
  const { port = 0, address = LOOPBACK, mediaAddress = address, appId, appToken, controlPort } = options;
  const { timings, startEngine = startDatachannelEngine, turnKey = DEFAULT_TURN_KEY, onViolation } = options;
  const violations = new Violations(onViolation);
  for (const one of [address, mediaAddress])
    if (!isIPv4(one)) throw new TypeError(`The address must be an IPv4 address, not "${one}".`);
  const board = new FaultBoard();
  const network = new FaultyNetwork(board);
  const hasFaults = controlPort !== undefined;
  const bareEngine = await startEngine(mediaAddress);
  const engine = hasFaults ? network.over(bareEngine) : bareEngine;
  const sessions = new SessionRegistry(engine, { ...DEFAULT_TIMINGS, ...timings });
  const server = createHttpServer(sessions, {
    appId,
    appToken,
    turnKey,
    violations,
    ...(hasFaults && { intercept: (call, perform) => answerWithFaults(board, call, perform) }),
  });
  let control: ControlServer | undefined;
  const closeSessions = async (): Promise<void> => {
    sessions.close();
    await engine.close();
  };
  try {
    server.listen(port, address);
    await once(server, 'listening');
    if (hasFaults) control = await startControlServer(controlPort, { board, network, sessions, violations });
  } catch (error) {
    server.close();
    await closeSessions();
    throw error;
  }
  const host = address === EVERY_ADDRESS ? LOOPBACK : address;
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/v1`,
    ...(control && { controlUrl: control.url }),
    violations: () => violations.list,
    async close() {
      control?.close();
      server.close();
      server.closeAllConnections();
      await closeSessions();
    },
  };
}
