import {
  ParseError,
  SFU_TIMEOUT_MS,
  optional,
  parseArray,
  parseErrorBody,
  parseObject,
  parseOneOf,
  parseRecord,
  parseSessionDescription,
  parseString,
  parseTracksResponse,
  type CloseTracksRequest,
  type NewTracksRequest,
  type SessionDescription,
  type TracksResponse,
  type UpdateTracksRequest,
} from '#protocol';
import { attempt } from '../attempt.ts';
import type { SfuAccess } from '../env.ts';
import { log } from '../log.ts';
import { Refusal, refuse } from '../refusal.ts';
import { withTimeLimit } from '../time-limit.ts';

/** Handles by the SFU's ids: how ids in answers become what the client knows. */
export type Handles = ReadonlyMap<string, string>;

/** Ids of the SFU come back into paths, so they are held to an alphabet without path characters. */
const SFU_SESSION_ID = /^[A-Za-z0-9_-]{8,128}$/;
/** Long runs of word characters with a digit among them are ids, whatever their alphabet. */
const ID_IN_TEXT = /(?=[\w-]*\d)[\w-]{16,}/g;
const PASSED_ON = new Set([400, 406, 409, 410, 413, 425, 429]);
const NO_HANDLES: Handles = new Map();

const parseText = parseString(128);

type Json = Record<string, unknown>;

/** A track as `GET /sessions/{id}` lists it. */
export interface SessionTrack {
  location: 'local' | 'remote';
  mid: string;
  trackName: string;
  sessionId?: string;
  status: string;
}

const parseSessionTrack = parseObject<SessionTrack>({
  location: parseOneOf('local', 'remote'),
  mid: parseText,
  trackName: parseText,
  sessionId: optional(parseText),
  status: parseText,
});
const parseRenegotiated = parseObject<{ sessionDescription?: SessionDescription }>({
  sessionDescription: optional(parseSessionDescription),
});

/**
 * The calls to the SFU. Every request is built here from nothing, and session ids in answers are replaced by handles
 * before anything else sees them. Throws a {@link Refusal}.
 */
export class SfuClient {
  readonly #access: SfuAccess;
  readonly #timeoutMs: number;

  constructor(access: SfuAccess, timeoutMs = SFU_TIMEOUT_MS) {
    this.#access = access;
    this.#timeoutMs = timeoutMs;
  }

  /** Sent without a body: the SFU refuses an empty object. */
  async newSession(): Promise<string> {
    const { sessionId } = await this.#call('POST', '/sessions/new');
    if (typeof sessionId !== 'string' || !SFU_SESSION_ID.test(sessionId)) throw unusable('sessionId');
    return sessionId;
  }

  /** Connects a session by an offer of data channels alone; media can follow later. Returns the answer. */
  async connect(sfuId: string, sessionDescription: SessionDescription): Promise<SessionDescription> {
    const dataChannel = { location: 'remote', dataChannelName: 'server-events' };
    const body = { dataChannel, sessionDescription };
    const answer = await this.#call('POST', `/sessions/${sfuId}/datachannels/establish`, body);
    return usable(() => parseSessionDescription(answer['sessionDescription'], 'sessionDescription'));
  }

  /** `sessionId` of the tracks is the SFU's own here. */
  async newTracks(sfuId: string, request: NewTracksRequest, handles = NO_HANDLES): Promise<TracksResponse> {
    return readTracks(await this.#call('POST', `/sessions/${sfuId}/tracks/new`, request), handles);
  }

  async updateTracks(sfuId: string, request: UpdateTracksRequest, handles: Handles): Promise<TracksResponse> {
    return readTracks(await this.#call('PUT', `/sessions/${sfuId}/tracks/update`, request), handles);
  }

  async closeTracks(sfuId: string, request: CloseTracksRequest): Promise<TracksResponse> {
    return readTracks(await this.#call('PUT', `/sessions/${sfuId}/tracks/close`, request), NO_HANDLES);
  }

  async renegotiate(sfuId: string, sessionDescription: SessionDescription): Promise<object> {
    const answer = await this.#call('PUT', `/sessions/${sfuId}/renegotiate`, { sessionDescription });
    return usable(() => parseRenegotiated(answer));
  }

  /** `sessionId` of the tracks is the SFU's own here. */
  async getSession(sfuId: string): Promise<SessionTrack[]> {
    const { tracks } = await this.#call('GET', `/sessions/${sfuId}`);
    return usable(() => parseArray(parseSessionTrack, Number.MAX_SAFE_INTEGER)(tracks ?? [], 'tracks'));
  }

  /** Needs an access to a TURN key instead of one to an app. */
  async generateIceServers(ttl: number): Promise<unknown> {
    const { iceServers } = await this.#call('POST', '/credentials/generate-ice-servers', { ttl });
    return iceServers;
  }

  /** One time limit covers the whole exchange, up to the last byte of the answer. */
  async #call(method: string, path: string, body?: object): Promise<Json> {
    const request = {
      method,
      headers: {
        authorization: `Bearer ${this.#access.token}`,
        'user-agent': 'realtime-call',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'manual' as const,
    };
    try {
      return await withTimeLimit(this.#timeoutMs, async (signal) => {
        const response = await fetch(`${this.#access.baseUrl}${path}`, { ...request, signal });
        return readAnswer(response.status, await response.text());
      });
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw refuse(error instanceof Error && error.name === 'AbortError' ? 'sfu_timeout' : 'sfu_unreachable');
    }
  }
}

function readAnswer(status: number, text: string): Json {
  // Undefined where it is a page of a proxy, or nothing at all.
  const answer = attempt(() => parseRecord(JSON.parse(text), 'response'));
  if (answer && status >= 200 && status <= 299 && typeof answer['errorCode'] !== 'string') return answer;
  const body = attempt(() => parseErrorBody(answer));
  if (body && PASSED_ON.has(status))
    throw new Refusal(status, { ...body, errorDescription: withoutIds(body.errorDescription) });
  log('sfu_error', {
    status,
    errorCode: body?.errorCode,
    ...([401, 403, 404].includes(status) && { hint: 'misconfigured? check REALTIME_APP_ID and REALTIME_APP_TOKEN' }),
  });
  throw refuse('sfu_error');
}

/** Session ids go before the contract's parser sees the items, which knows only handles. */
function readTracks(answer: Json, handles: Handles): TracksResponse {
  const items: unknown[] = Array.isArray(answer['tracks']) ? answer['tracks'] : [];
  return usable(() => parseTracksResponse({ ...answer, tracks: items.map((item) => readItem(item, handles)) }));
}

/** One item of `tracks`, with a handle in place of the session id and no id in its text. */
function readItem(item: unknown, handles: Handles): Json {
  const { sessionId, errorDescription, ...rest } = parseRecord(item, 'tracks');
  return {
    ...rest,
    ...(typeof sessionId === 'string' && { sessionId: handles.get(sessionId) }),
    ...(typeof errorDescription === 'string' && { errorDescription: withoutIds(errorDescription) }),
  };
}

function withoutIds(text: string): string {
  return text.replaceAll(ID_IN_TEXT, '…');
}

function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ParseError ? unusable(error.path) : error;
  }
}

function unusable(path: string): Refusal {
  log('sfu_answer_unusable', { path });
  return refuse('sfu_error');
}
