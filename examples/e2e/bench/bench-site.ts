import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { routePartyTracksRequest } from 'partytracks/server';
import type { SfuApp } from '../../../broker/dev/stack.ts';
import type { NetworkPath } from './network-path.ts';

export interface BenchSite {
  /** Without a slash at the end. On localhost, since devices need a secure context. */
  url: string;
  close(): Promise<void>;
}

export interface BenchSiteOptions {
  address: string;
  /** Where the script is, asked for without delay. */
  scriptUrl: string;
  /** How far away the server side of partytracks is. */
  path: NetworkPath;
  app: SfuApp;
}

const PARTYTRACKS_PAGE = fileURLToPath(new URL('partytracks-page.ts', import.meta.url));

/** The pages that are measured: `/call` with the tag and its attributes, `/blank`, and `/partytracks-page`. */
export async function startBenchSite({ address, scriptUrl, path, app }: BenchSiteOptions): Promise<BenchSite> {
  const partytracks = await bundle(PARTYTRACKS_PAGE);
  const pages: Readonly<Record<string, (query: URLSearchParams) => string>> = {
    '/call': (query) =>
      `<script src="${scriptUrl}" async></script>` +
      `<style>body { margin: 0 } realtime-call { height: 100vh }</style>` +
      `<realtime-call${[...query].map(([name, value]) => ` ${name}="${value}"`).join('')}></realtime-call>`,
    '/blank': () => '',
    '/partytracks-page': () => `<script>${partytracks.replaceAll('</script', String.raw`<\/script`)}</script>`,
  };

  const server = createServer((request, response) => {
    // A connection that outlived the client's address would only hang.
    response.setHeader('connection', 'close');
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const page = pages[url.pathname];
    if (page) {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(`<!doctype html><meta charset="utf-8"><body>${page(url.searchParams)}</body>`);
    } else if (url.pathname.startsWith('/partytracks/')) {
      void answerPartytracks(request, response, url);
    } else {
      response.writeHead(url.pathname === '/favicon.ico' ? 204 : 404).end();
    }
  });

  /** As its documentation has it: the route does all; it adds no rooms and no rights. */
  async function answerPartytracks(incoming: IncomingMessage, outgoing: ServerResponse, url: URL): Promise<void> {
    await path.halfTrip();
    const headers = new Headers();
    for (const name of ['content-type', 'content-length'])
      if (incoming.headers[name]) headers.set(name, String(incoming.headers[name]));
    const { method = 'GET' } = incoming;
    const chunks: Buffer[] = await Readable.from(incoming).toArray();
    const request = new Request(url, { method, headers });
    // It is made for Workers: the fetch of Node does not take the stream that a request's body is.
    if (chunks.length > 0) Object.defineProperty(request, 'body', { value: Buffer.concat(chunks) });
    const answer = await routePartyTracksRequest({
      appId: app.REALTIME_APP_ID,
      token: app.REALTIME_APP_TOKEN,
      realtimeApiBaseUrl: app.REALTIME_API_URL,
      request,
    });
    const text = await answer.text();
    await path.halfTrip();
    outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  }

  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bundle(path: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0]!.text;
}
