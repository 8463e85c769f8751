import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { BODY_MAX_BYTES } from '#protocol';
import type { SessionRegistry } from '../session/session-registry.ts';
import type { Violations } from '../schema/violations.ts';
import { ApiError, refusal } from './api-error.ts';
import { route, type ApiResponse } from './routes.ts';
import { answerTurn, type TurnKey } from './turn.ts';

export interface HttpOptions {
  appId: string;
  appToken: string;
  turnKey: TurnKey;
  violations: Violations;
  /** Answers calls instead of the operations, which it may perform; undefined cuts the connection. */
  intercept?: (call: ApiCall, perform: (body: unknown) => Promise<ApiResponse>) => Promise<ApiResponse | undefined>;
}

/** A call as it comes in. */
export interface ApiCall {
  /** What follows the app id, in parts. */
  path: readonly string[];
  /** Undefined where there is none. */
  body: unknown;
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
  const answered = await answer(sessions, options, request).catch(errorResponse);
  // The caller may have left meanwhile.
  if (response.destroyed) return;
  if (!answered) {
    response.destroy();
    return;
  }
  const { status, body } = answered;
  if (body === undefined) response.writeHead(status).end();
  else if (typeof body === 'string') response.writeHead(status, { 'content-type': 'text/html' }).end(body);
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function answer(
  sessions: SessionRegistry,
  options: HttpOptions,
  request: IncomingMessage,
): Promise<ApiResponse | undefined> {
  const { method = '', url = '' } = request;
  const [pathname = ''] = url.split('?');
  const [, version, collection, id = '', ...path] = pathname.split('/');
  const token = { apps: options.appToken, turn: options.turnKey.token }[collection ?? ''];
  if (version !== 'v1' || token === undefined) throw refusal.unknownRoute(method, pathname);
  if (collection === 'apps' && id !== options.appId) throw refusal.unknownApp();
  if (!isEqual(request.headers.authorization ?? '', `Bearer ${token}`)) throw refusal.unauthorized();
  const body = await readJson(request);
  const call = { method, path: url.slice('/v1'.length) };
  options.violations.checkRequest(call, body);
  if (collection === 'turn')
    return options.violations.checkAnswer(call, answerTurn(options.turnKey, method, [id, ...path], body));
  const perform = async (body: unknown): Promise<ApiResponse> =>
    options.violations.checkAnswer(call, await route(sessions, method, path, body));
  return options.intercept ? options.intercept({ path, body }, perform) : perform(body);
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
