import { BODY_MAX_BYTES, ParseError, parseJson } from '#protocol';
import { readOrigins } from './env.ts';
import { log } from './log.ts';
import { isAllowedOrigin } from './origins.ts';
import { Refusal, refuse } from './refusal.ts';

/** Browsers keep a preflight at most this long. */
const PREFLIGHT_MAX_AGE_SECONDS = 7200;

/** Every answer of the broker is JSON and is never cached. */
export function json(body: object, status = 200): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}

/** The answer to a call that threw. What is not a refusal is our fault, and only the log learns what it was. */
export function errorResponse(error: unknown): Response {
  if (error instanceof Refusal) return json(error.body, error.status);
  if (error instanceof ParseError) return errorResponse(refuse('decoding_error', error.message));
  log('internal_error', { message: error instanceof Error ? error.message : 'not an error' });
  return errorResponse(refuse('internal_error'));
}

/** Bodies that were read: the bearer may be in one, and the rest is read after it. */
const bodies = new WeakMap<Request, Promise<unknown>>();

/**
 * The body as JSON whatever its content type says, the same each time; undefined where there is none. At most
 * `BODY_MAX_BYTES`.
 */
export function readJson(request: Request): Promise<unknown> {
  const parse = (text: string) => (text.trim() === '' ? undefined : parseJson(text, 'body'));
  const body = bodies.get(request) ?? readText(request, BODY_MAX_BYTES).then(parse);
  bodies.set(request, body);
  return body;
}

/** Answers OPTIONS from the configuration alone: no room is woken. */
export function preflight(request: Request): Response | undefined {
  if (request.method !== 'OPTIONS') return undefined;
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, PUT',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': String(PREFLIGHT_MAX_AGE_SECONDS),
    },
  });
}

/**
 * Lets the page read the answer where its origin may call. Never with credentials: the broker knows no cookies. The
 * answer was made in this Worker: its headers are changed in place.
 */
export async function withCors(response: Response, request: Request, env: object): Promise<Response> {
  if (response.status === 101) return response;
  const origin = request.headers.get('origin');
  const rule = await readOrigins(env);
  const { headers } = response;
  headers.append('vary', 'Origin');
  if (rule === 'any') headers.set('access-control-allow-origin', '*');
  else if (origin !== null && isAllowedOrigin(rule, origin)) headers.set('access-control-allow-origin', origin);
  return response;
}

/** Counts while it reads, so that a wrong or missing Content-Length gains nothing. */
async function readText(request: Request, maxBytes: number): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw refuse('payload_too_large');
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  const reader = request.body?.getReader();
  let text = '';
  let bytes = 0;
  // A loop over the body itself takes a multiple of the time.
  for (let chunk = await reader?.read(); chunk?.value; chunk = await reader?.read()) {
    bytes += chunk.value.byteLength;
    if (bytes > maxBytes) {
      void reader?.cancel().catch(() => undefined);
      throw refuse('payload_too_large');
    }
    text += decode(decoder, chunk.value);
  }
  return text + decode(decoder);
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw refuse('decoding_error', 'body must be UTF-8');
  }
}
