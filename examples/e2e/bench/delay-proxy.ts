import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface DelayProxy {
  url: string;
  /** Added to each round trip from now on, in milliseconds. */
  delay: number;
  /** Round trips since it was last set to zero. */
  roundTrips: number;
  close(): Promise<void>;
}

/** An HTTP and WebSocket proxy on loopback in front of `target` that answers `delay` milliseconds late. */
export async function startDelayProxy(target: string): Promise<DelayProxy> {
  const { hostname, port } = new URL(target);
  const proxy: DelayProxy = { url: '', delay: 0, roundTrips: 0, close };
  const forward = (from: IncomingMessage) =>
    request({
      hostname,
      port,
      method: from.method,
      path: from.url,
      headers: { ...from.headers, host: `${hostname}:${port}` },
    });

  const server = createServer((incoming, outgoing) => {
    // A preflight is the browser's own, and cached; the delay stands for the calls a client decides to make.
    const delay = incoming.method === 'OPTIONS' ? 0 : proxy.delay;
    if (incoming.method !== 'OPTIONS') proxy.roundTrips++;
    setTimeout(() => {
      const upstream = forward(incoming);
      upstream.on('response', (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing);
      });
      upstream.on('error', () => outgoing.destroy());
      incoming.pipe(upstream);
    }, delay);
  });

  server.on('upgrade', (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    setTimeout(() => {
      const upstream = forward(incoming);
      upstream.on('upgrade', (response, socket) => {
        const headers = Object.entries(response.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
        client.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('')}\r\n`);
        socket.pipe(client).on('error', () => socket.destroy());
        client.pipe(socket).on('error', () => client.destroy());
      });
      upstream.on('error', () => client.destroy());
      upstream.end(head);
    }, proxy.delay);
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;

  async function close() {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
