import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { ParseError } from '#protocol';
import type { Violations } from '../schema/violations.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import { parseFault } from './fault.ts';
import type { FaultBoard } from './fault-board.ts';
import type { FaultyNetwork } from './faulty-network.ts';
import { describeSession } from './session-summary.ts';
import { readUsage } from './usage.ts';

/** What the endpoint acts on and tells about. */
export interface Controlled {
  board: FaultBoard;
  network: FaultyNetwork;
  sessions: SessionRegistry;
  violations: Violations;
}

export interface ControlServer {
  url: string;
  close(): void;
}

interface Reply {
  status: number;
  body?: object;
}

const LOOPBACK = '127.0.0.1';

/** The endpoint through which tests set faults. It listens on loopback, whatever the API does, and serves no web page. */
export async function startControlServer(port: number, controlled: Controlled): Promise<ControlServer> {
  const server = createServer(async (request, response) => {
    const { status, body } = await answer(controlled, request).catch(refuse);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body && JSON.stringify(body));
  });
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(controlled: Controlled, request: IncomingMessage): Promise<Reply> {
  // Any page a developer has open could send a form here, or come by a name that leads to loopback.
  const { host = '', origin } = request.headers;
  if (origin !== undefined || !/^(127\.0\.0\.1|localhost):\d+$/.test(host))
    return failure(403, 'forbidden', 'Not for web pages');
  const { board, sessions, violations } = controlled;
  const [, collection, id, ...rest] = (request.url ?? '').split('/');
  if (rest.length > 0) return unknownRoute(request);
  switch (`${request.method} ${collection}${id === undefined ? '' : '/id'}`) {
    case 'GET faults':
      return { status: 200, body: board.list() };
    case 'POST faults':
      return setFault(controlled, await json(request));
    case 'DELETE faults':
      board.clear();
      return { status: 204 };
    case 'DELETE faults/id':
      return board.clear(Number(id)) ? { status: 204 } : failure(404, 'unknown_fault', `No fault ${id} is set`);
    case 'GET sessions':
      return { status: 200, body: sessions.all().map((session) => describeSession(session, controlled.network)) };
    case 'GET violations':
      return { status: 200, body: violations.list };
    case 'GET usage':
      return { status: 200, body: readUsage() };
    default:
      return unknownRoute(request);
  }
}

function setFault({ board, network, sessions }: Controlled, body: unknown): Reply {
  const fault = parseFault(body);
  const { sessionId } = fault;
  if (sessionId !== undefined && !sessions.find(sessionId))
    return failure(404, 'unknown_session', `There is no session ${sessionId}`);
  const concerned = sessions.all().filter(({ id }) => sessionId === undefined || id === sessionId);
  const direct = fault.type === 'blackout' && concerned.find(({ id }) => !network.hasRelay(id));
  if (direct) return failure(409, 'no_relay', `Session ${direct.id} was opened while no fault "relay" was set`);
  if (fault.type !== 'kill') return { status: 201, body: board.set(fault) };
  for (const { id } of concerned) network.link(id)?.kill();
  return { status: 201, body: { ...fault, hits: concerned.length } };
}

function unknownRoute({ method, url }: IncomingMessage): Reply {
  return failure(404, 'not_found', `No such operation: ${method} ${url}`);
}

function refuse(error: unknown): Reply {
  if (error instanceof ParseError) return failure(400, error.code, error.message);
  if (error instanceof SyntaxError) return failure(400, 'decoding_error', 'The body must be JSON');
  console.error(error);
  return failure(500, 'internal_error', 'The control endpoint failed');
}

function failure(status: number, errorCode: string, errorDescription: string): Reply {
  return { status, body: { errorCode, errorDescription } };
}
