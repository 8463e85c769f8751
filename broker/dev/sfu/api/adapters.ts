import { parseArray, parseOneOf, parseRecord, parseString } from '#protocol';
import { ADAPTERS_PER_CALL_MAX } from '../schema/adapters.ts';
import { refusal } from './api-error.ts';
import { decode } from './decode.ts';
import type { ApiResponse } from './routes.ts';

const TEXT_MAX = 1024;
const parseText = parseString(TEXT_MAX);

/**
 * `POST /adapters/websocket/{new|close}`: takes the requests apart and then opens no WebSocket, as the real one does
 * where every endpoint refuses it. Throws {@link ApiError}.
 */
export function answerAdapters(action: string, body: unknown): ApiResponse {
  const items = decode(() => {
    const record = parseRecord(body, 'body');
    return parseArray(parseRecord, TEXT_MAX)(record['tracks'], 'tracks');
  });
  if (items.length === 0) throw refusal.invalid('Expecting at least 1 track in the request');
  if (items.length > ADAPTERS_PER_CALL_MAX)
    throw refusal.invalid(`Expecting at most ${ADAPTERS_PER_CALL_MAX} track in the request`);
  return { status: 503, body: { tracks: items.map(action === 'new' ? failedAdapter : unknownAdapter) } };
}

function failedAdapter(item: Record<string, unknown>): object {
  const location = decode(() => parseOneOf('local', 'remote')(item['location'], 'location'));
  const needed = location === 'local' ? ['inputCodec'] : ['sessionId', 'outputCodec'];
  for (const field of ['trackName', 'endpoint', ...needed]) required(item, field);
  if (!/^wss?:\/\//.test(String(item['endpoint']))) throw refusal.invalid('The endpoint must be a WebSocket address');
  return {
    trackName: item['trackName'],
    errorCode: 'websocket_handshake_failed',
    errorDescription: 'The stand-in opens no WebSocket',
  };
}

function unknownAdapter(item: Record<string, unknown>): object {
  required(item, 'adapterId');
  return {
    adapterId: item['adapterId'],
    errorCode: 'adapter_not_found',
    errorDescription: 'There is no such adapter',
  };
}

/** What is missing is an invalid parameter here; what has the wrong type cannot be decoded. */
function required(item: Record<string, unknown>, field: string): void {
  if (item[field] === undefined || item[field] === '') throw refusal.invalid(`${field} is required`);
  decode(() => parseText(item[field], field));
}
