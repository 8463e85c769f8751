import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import { DelayLine, type NetworkPath } from './network-path.ts';

export interface MediaEndpoint {
  host: string;
  port: number;
}

/** Addresses are numbers already: packets leave without waiting for a look-up. */
const OPTIONS: SocketOptions = { type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) };

/** One client's packets, both ways. */
interface Flow {
  socket: Socket;
  up: DelayLine<Buffer>;
  down: DelayLine<Buffer>;
  isCut: boolean;
}

export interface MediaRelay {
  readonly address: MediaEndpoint;
  /** Where packets go on to; until it is known they are lost. */
  target: MediaEndpoint | undefined;
  /** Loses from now on every packet of the clients that send from these ports. Nobody is told; other ports pass. */
  cut(clientPorts: readonly number[]): void;
  close(): void;
}

/** The media's way through `path`: UDP on a port of its own, with a socket towards the SFU for each client. */
export async function startMediaRelay(path: NetworkPath, host = '127.0.0.1'): Promise<MediaRelay> {
  const server = createSocket(OPTIONS);
  const flows = new Map<string, Flow>();
  // Without a look-up it listens before `bind` returns.
  const listening = once(server, 'listening');
  server.bind(0, host);
  await listening;

  const relay: MediaRelay = {
    address: { host, port: server.address().port },
    target: undefined,
    cut(clientPorts) {
      for (const [client, flow] of flows) if (clientPorts.includes(Number(client.split(':')[1]))) flow.isCut = true;
    },
    close() {
      for (const { socket, up, down } of flows.values()) {
        up.close();
        down.close();
        socket.close();
      }
      server.close();
    },
  };

  server.on('message', (packet, { address, port }) => {
    const { target } = relay;
    if (!target) return;
    const client = `${address}:${port}`;
    const flow = flows.get(client) ?? open(client, { host: address, port }, target);
    if (!flow.isCut) flow.up.push(packet);
  });

  function open(name: string, client: MediaEndpoint, target: MediaEndpoint): Flow {
    const socket = createSocket(OPTIONS);
    const flow: Flow = {
      socket,
      up: new DelayLine(path, (packet) => socket.send(packet, target.port, target.host)),
      down: new DelayLine(path, (packet) => server.send(packet, client.port, client.host)),
      isCut: false,
    };
    socket.on('message', (packet) => void (flow.isCut || flow.down.push(packet)));
    // Nobody listens there any more: what a network would lose in silence.
    socket.on('error', () => undefined);
    flows.set(name, flow);
    return flow;
  }
  return relay;
}
