import { setTimeout as wait } from 'node:timers/promises';
import { ApiError, refusal, TrackError } from '../api/api-error.ts';
import { failedItem } from '../api/failed-item.ts';
import type { ApiCall } from '../api/http-server.ts';
import type { ApiResponse } from '../api/routes.ts';
import type { StatusFault, TrackFault } from './fault.ts';
import type { FaultBoard } from './fault-board.ts';
import { operationOf } from './operation.ts';

/** Does what a call asks for, with this body instead of its own. */
export type Perform = (body: unknown) => Promise<ApiResponse>;

/** Answers a call as the faults of the board have it; undefined where the connection is to be cut instead. */
export async function answerWithFaults(
  board: FaultBoard,
  call: ApiCall,
  perform: Perform,
): Promise<ApiResponse | undefined> {
  const { delayMs, end } = board.strikeCall(call);
  if (delayMs > 0) await wait(delayMs);
  if (end?.type === 'hang') return new Promise(() => {});
  if (end?.type === 'status') return statusResponse(end);
  const answer = performWithoutFailed(board, call, perform);
  if (end?.type !== 'drop-response') return answer;
  // Refused or done: the caller does not hear of it.
  await answer.catch(() => {});
  return undefined;
}

function statusResponse({ status, body = usualBody(status) }: StatusFault): ApiResponse {
  return { status, body };
}

function usualBody(status: number): object {
  if (status < 400) return {};
  const refusals = [
    refusal.unauthorized(),
    refusal.unknownApp(),
    refusal.unacceptable('Another operation on this session is still in progress'),
    refusal.gone(),
    refusal.tooLarge(),
    refusal.notReady(),
    refusal.tooMany(),
  ];
  const { code, message } = refusals.find((one: ApiError) => one.status === status) ?? refusal.internal();
  return { errorCode: code, errorDescription: message };
}

/** The items that are to fail never reach the operation; in its answer they stand where they were. */
async function performWithoutFailed(board: FaultBoard, call: ApiCall, perform: Perform): Promise<ApiResponse> {
  const items = trackItems(call);
  const failures = new Map<number, object>();
  items.forEach((item, index) => {
    const fault = isRecord(item) && board.strikeTrack(call, item['trackName']);
    if (fault) failures.set(index, failure(item, fault, operationOf(call.path) === 'tracks/update'));
  });
  if (failures.size === 0 || !isRecord(call.body)) return perform(call.body);
  const response = await perform({ ...call.body, tracks: items.filter((_, index) => !failures.has(index)) });
  if (!isRecord(response.body) || !Array.isArray(response.body['tracks'])) return response;
  const tracks: unknown[] = [...response.body['tracks']];
  for (const [index, item] of failures) tracks.splice(index, 0, item);
  return { ...response, body: { ...response.body, tracks } };
}

function trackItems({ path, body }: ApiCall): unknown[] {
  const operation = operationOf(path);
  if (operation !== 'tracks/new' && operation !== 'tracks/update') return [];
  return isRecord(body) && Array.isArray(body['tracks']) ? body['tracks'] : [];
}

function failure(item: Record<string, unknown>, fault: TrackFault, keepsMid: boolean): object {
  const { trackName, errorCode, errorDescription = 'Set by a test' } = fault;
  const { sessionId, mid } = item;
  const track = { location: 'remote' as const, trackName, ...(typeof sessionId === 'string' && { sessionId }) };
  const failed = failedItem(track, new TrackError(errorCode, errorDescription));
  return keepsMid && typeof mid === 'string' ? { ...failed, mid } : failed;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
