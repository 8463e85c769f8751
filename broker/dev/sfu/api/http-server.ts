import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { BODY_MAX_BYTES } from '#protocol';
import type { SessionRegistry } from '../session/session-registry.ts';
import { ApiError, refusal } from './api-error.ts';
import { route, type ApiResponse } from './routes.ts';

export interface HttpOptions {
  appId: string;
  appToken: string;
}

/** The API over HTTP. A page may call it directly: every answer is open to every origin, as the real one's are. */
export function createHttpServer(sessions: SessionRegistry, options: HttpOptions): Server {
  return createServer((request, response) => {
    void respond(sessions, options, request, response);
  });
}

async function respond(
  sessions: SessionRegistry,
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-methods', 'GET, POST, PUT, OPTIONS');
  response.setHeader('access-control-allow-headers', 'authorization, content-type');
  response.setHeader('access-control-max-age', '600');
  response.setHeader('vary', 'Origin');
  if (request.method === 'OPTIONS') {
    response.writeHead(204).end();
    return;
  }
  const { status, body } = await answer(sessions, options, request).catch(errorResponse);
  // The caller may have left meanwhile.
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function answer(sessions: SessionRegistry, options: HttpOptions, request: IncomingMessage): Promise<ApiResponse> {
  const method = request.method ?? '';
  const [pathname = ''] = (request.url ?? '').split('?');
  const [, version, collection, appId, ...path] = pathname.split('/');
  if (version !== 'v1' || collection !== 'apps') throw refusal.unknownRoute(method, pathname);
  if (appId !== options.appId) throw refusal.unknownApp();
  if (!isEqual(request.headers.authorization ?? '', `Bearer ${options.appToken}`)) throw refusal.unauthorized();
  return route(sessions, method, path, await readJson(request));
}

/** Whatever the content type says; undefined where the body is empty. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read to its end all the same: leaving here would cut the connection before the answer is out.
    if (length <= BODY_MAX_BYTES) chunks.push(chunk);
  }
  if (length > BODY_MAX_BYTES) throw refusal.tooLarge();
  if (length === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw refusal.undecodable('body');
  }
}

function errorResponse(error: unknown): ApiResponse {
  const isAborted = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
  if (!(error instanceof ApiError) && !isAborted) console.error(error);
  const known = error instanceof ApiError ? error : refusal.internal();
  return { status: known.status, body: { errorCode: known.code, errorDescription: known.message } };
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
