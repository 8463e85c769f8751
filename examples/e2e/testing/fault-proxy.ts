import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What the SFU does to every call from now on. */
export type Fault = { type: 'none' } | { type: 'never' } | { type: 'status'; status: number; body: string };

export interface FaultProxy {
  /** Base URL of the SFU behind it. */
  url: string;
  /** `PUT` a {@link Fault} here. */
  orderUrl: string;
  close(): Promise<void>;
}

/** Stands between the Worker and the SFU at `target`, and misbehaves on order. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let fault: Fault = { type: 'none' };
  const server = createServer(async (request, response) => {
    if (request.url === '/fault') {
      fault = JSON.parse(await text(request)) as Fault;
      response.writeHead(204).end();
    } else if (fault.type === 'status') {
      response.writeHead(fault.status, { 'content-type': 'application/json' }).end(fault.body);
    } else if (fault.type === 'none') {
      await forward(request, response, target);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}${new URL(target).pathname}`,
    orderUrl: `${origin}/fault`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function forward(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
  const { authorization = '', 'content-type': contentType = '' } = request.headers;
  const body = request.method === 'GET' ? undefined : await text(request);
  try {
    const answer = await fetch(new URL(request.url ?? '/', target), {
      method: request.method ?? 'GET',
      headers: { authorization, 'content-type': contentType },
      ...(body !== undefined && { body }),
    });
    const type = answer.headers.get('content-type') ?? 'application/json';
    response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
  } catch {
    response.writeHead(502).end();
  }
}

/** Orders a fault from a test, which runs in another process than the proxy. */
export async function setFault(orderUrl: string, fault: Fault): Promise<void> {
  const response = await fetch(orderUrl, { method: 'PUT', body: JSON.stringify(fault) });
  if (!response.ok) throw new Error(`the fault proxy answered ${response.status}`);
}
