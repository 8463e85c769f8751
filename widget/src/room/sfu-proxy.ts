import { SFU_TIMEOUT_MS, parseNewSessionResponse, parseTracksResponse, routes } from '#protocol';
import { BrokerError, type SfuApi } from '../call/ports.ts';

/** The broker itself waits for the SFU up to its own limit; its refusal is worth waiting for. */
const TIMEOUT_MS = SFU_TIMEOUT_MS + 3_000;

/** A call under the seat held now. */
export type SeatCall = (method: 'POST' | 'PUT', path: string, body: object, timeoutMs: number) => Promise<unknown>;

/** The SFU's calls for one room, by way of the broker. */
export class SfuProxy implements SfuApi {
  readonly #room: string;
  readonly #call: SeatCall;

  constructor(room: string, call: SeatCall) {
    this.#room = room;
    this.#call = call;
  }

  newSession: SfuApi['newSession'] = () =>
    this.#ask('POST', routes.newSession(this.#room), {}, parseNewSessionResponse);

  newTracks: SfuApi['newTracks'] = (sessionId, request) =>
    this.#ask('POST', this.#path(sessionId, 'tracks/new'), request, parseTracksResponse);

  renegotiate: SfuApi['renegotiate'] = (sessionId, request) =>
    this.#ask('PUT', this.#path(sessionId, 'renegotiate'), request, () => {});

  updateTracks: SfuApi['updateTracks'] = (sessionId, request) =>
    this.#ask('PUT', this.#path(sessionId, 'tracks/update'), request, parseTracksResponse);

  closeTracks: SfuApi['closeTracks'] = (sessionId, request) =>
    this.#ask('PUT', this.#path(sessionId, 'tracks/close'), request, parseTracksResponse);

  #path(sessionId: string, operation: string): string {
    return `${routes.session(this.#room, sessionId)}/${operation}`;
  }

  async #ask<T>(method: 'POST' | 'PUT', path: string, body: object, parse: (answer: unknown) => T): Promise<T> {
    try {
      return parse(await this.#call(method, path, body, TIMEOUT_MS));
    } catch (error) {
      throw error instanceof BrokerError ? error : new BrokerError(502, 'sfu_error', String(error));
    }
  }
}
