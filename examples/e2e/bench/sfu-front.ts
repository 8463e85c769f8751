import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import type { MediaRelay } from './media-relay.ts';

export interface SfuFront {
  /** In place of the SFU's own, up to its path. */
  url: string;
  /** Whose address descriptions get from now on. */
  relay: MediaRelay;
  close(): Promise<void>;
}

const CANDIDATE = /(a=candidate:\S+ 1 udp \d+ )(\S+) (\d+)( typ host)/g;

/** The SFU's API with the relay's address in its descriptions, so that media takes the relay's way. Adds no delay. */
export async function startSfuFront(target: string, relay: MediaRelay): Promise<SfuFront> {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const front: SfuFront = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    relay,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return front;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const { method, url, headers } = incoming;
      const body = await buffer(incoming);
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request({ hostname, port, method, path: url, headers }).on('response', resolve).on('error', reject).end(body);
      });
      const answered = (await text(response)).replace(CANDIDATE, redirect);
      const { 'transfer-encoding': _chunked, ...rest } = response.headers;
      rest['content-length'] = String(Buffer.byteLength(answered));
      outgoing.writeHead(response.statusCode ?? 502, rest).end(answered);
    } catch {
      outgoing.destroy();
    }
  }

  function redirect(_line: string, before: string, host: string, mediaPort: string, after: string): string {
    front.relay.target ??= { host, port: Number(mediaPort) };
    return `${before}${front.relay.address.host} ${front.relay.address.port}${after}`;
  }
}
