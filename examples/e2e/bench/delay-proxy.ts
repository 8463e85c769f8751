import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { DelayLine, type NetworkPath } from './network-path.ts';

/** A call that passed: `UPGRADE` where it opened a WebSocket. */
export interface PassedCall {
  method: string;
  path: string;
}

export interface DelayProxy {
  url: string;
  /** Since it was last emptied. Without preflights. */
  calls: PassedCall[];
  /** Preflights are the browser's own, and cached for two hours: they are counted, and not delayed. */
  preflights: PassedCall[];
  close(): Promise<void>;
}

/**
 * HTTP and WebSockets to `target`, as far away as `path` says. Connections count as warm: what is delayed is each call and
 * each frame, not the making of a connection.
 */
export async function startDelayProxy(target: string, path: NetworkPath, address = '127.0.0.1'): Promise<DelayProxy> {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  server.on('upgrade', (incoming, client, head) => void upgrade(incoming, client, head));
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const proxy: DelayProxy = {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    calls: [],
    preflights: [],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '' } = incoming;
    const isPreflight = method === 'OPTIONS';
    (isPreflight ? proxy.preflights : proxy.calls).push({ method, path: url });
    try {
      const body = await buffer(incoming);
      if (!isPreflight) await path.halfTrip();
      const response = await forward(incoming, body);
      const answered = await buffer(response);
      if (!isPreflight) await path.halfTrip();
      outgoing.writeHead(response.statusCode ?? 502, response.headers).end(answered);
    } catch {
      outgoing.destroy();
    }
  }

  async function upgrade(incoming: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    proxy.calls.push({ method: 'UPGRADE', path: incoming.url ?? '' });
    client.on('error', () => client.destroy());
    await path.halfTrip();
    const upstream = open(incoming);
    // Refused: a page hears no more of it than that it did not open.
    for (const refusal of ['response', 'error']) upstream.on(refusal, () => client.destroy());
    upstream.on('upgrade', (response, socket) => {
      const headers = Object.entries(response.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      const toClient = link(socket, client);
      toClient.push(Buffer.from(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('')}\r\n`));
      link(client, socket);
    });
    upstream.end(head);
  }

  function link(from: Duplex, to: Duplex): DelayLine<Buffer | undefined> {
    const line = new DelayLine<Buffer | undefined>(path, (chunk) => (chunk ? to.write(chunk) : to.destroy()));
    from.on('data', (chunk: Buffer) => line.push(chunk));
    from.on('error', () => from.destroy());
    from.on('close', () => line.push(undefined));
    return line;
  }

  function forward(incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      open(incoming).on('response', resolve).on('error', reject).end(body);
    });
  }

  function open({ method, url, headers }: IncomingMessage) {
    return request({ hostname, port, method, path: url, headers: { ...headers, host: `${hostname}:${port}` } });
  }
}
