import { SFU_TIMEOUT_MS, parseNewSessionResponse, parseTracksResponse, routes } from '#protocol';
import { BrokerError, type SfuApi } from '../call/ports.ts';
import type { BrokerRequest } from './broker-http.ts';

/** The broker itself waits for the SFU up to its own limit; its refusal is worth waiting for. */
const TIMEOUT_MS = SFU_TIMEOUT_MS + 3_000;

/** A call under the seat held now. */
export type SeatCall = (
  method: BrokerRequest['method'],
  path: string,
  body: object | undefined,
  timeoutMs: number,
) => Promise<unknown>;

/** The SFU's calls for one room, by way of the broker. */
export function createSfuProxy(room: string, call: SeatCall): SfuApi {
  const path = (sessionId: string, operation: string) => `${routes.session(room, sessionId)}/${operation}`;
  const ask = async <T>(
    method: BrokerRequest['method'],
    path: string,
    body: object | undefined,
    parse: (answer: unknown) => T,
  ) => {
    try {
      return parse(await call(method, path, body, TIMEOUT_MS));
    } catch (error) {
      throw error instanceof BrokerError ? error : new BrokerError(502, 'sfu_error', String(error));
    }
  };
  return {
    getSession: (id) => ask('GET', routes.session(room, id), undefined, () => {}),
    newSession: () => ask('POST', routes.newSession(room), undefined, parseNewSessionResponse),
    newTracks: (id, request) => ask('POST', path(id, 'tracks/new'), request, parseTracksResponse),
    renegotiate: (id, request) => ask('PUT', path(id, 'renegotiate'), request, () => {}),
    updateTracks: (id, request) => ask('PUT', path(id, 'tracks/update'), request, parseTracksResponse),
    closeTracks: (id, request) => ask('PUT', path(id, 'tracks/close'), request, parseTracksResponse),
  };
}
