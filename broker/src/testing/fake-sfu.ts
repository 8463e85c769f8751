import { afterEach, expect, vi } from 'vitest';
import { parseRecord } from '#protocol';
import { describeViolation, Violations } from '../../dev/sfu/schema/violations.ts';
import { readSections } from '../sfu/sdp.ts';
import { buildSdp } from './sdp.ts';

export interface SfuCall {
  method: string;
  /** After the app id. */
  path: string;
  url: string;
  headers: Record<string, string>;
  redirect: string;
  body: unknown;
}

interface FakeSession {
  id: string;
  /** Published names by mid. */
  local: Map<string, string>;
  /** Pulled tracks by mid. */
  remote: Map<string, { sessionId: string; trackName: string }>;
  closed: string[];
  awaitsAnswer: boolean;
  nextMid: number;
}

type Answer = (call: SfuCall) => Response | Promise<Response>;
type Json = Record<string, unknown>;

interface Fault {
  matches: string;
  answer: Answer;
  /** Why the answer may break the shapes of the API. */
  misshapen: string | undefined;
}

const SECRET = 'Bearer app-secret';
const VERSION = 'https://sfu.test/v1';
const BASE = `${VERSION}/apps/app`;

const violations = new Violations();
// Here and not in the tests, so that none can leave it out; an error thrown at a call would only be one more refusal.
afterEach(() => expect(violations.take().map(describeViolation)).toEqual([]));

/**
 * The SFU at the fetch seam: the API's answers and refusals without media. Every published track counts as flowing.
 * Faults are put in front of it with {@link FakeSfu.once}. Every call and every answer is held to the shapes of the API;
 * a test in which one does not fit fails.
 */
export class FakeSfu {
  readonly calls: SfuCall[] = [];
  readonly sessions = new Map<string, FakeSession>();
  #faults: Fault[] = [];

  /** Takes the place of fetch until the test is over. */
  static install(): FakeSfu {
    const sfu = new FakeSfu();
    vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => sfu.#fetch(new Request(input, init)));
    return sfu;
  }

  /** Answers the next call whose method and path contain `matches`. An answer that is wrong on purpose says why. */
  once(matches: string, answer: Answer, { misshapen }: { misshapen?: string } = {}): void {
    this.#faults.push({ matches, answer, misshapen });
  }

  /**
   * Holds the next such call: `reached` waits for it, `release` lets it through. Both look again and again, because the
   * runtime lets no request wait for the promise of another.
   */
  hold(matches: string): { reached: () => Promise<unknown>; release: () => void; answered: () => Promise<unknown> } {
    const held = { isReached: false, isReleased: false, isAnswered: false };
    this.once(matches, async (call) => {
      held.isReached = true;
      while (!held.isReleased) await scheduler.wait(2);
      held.isAnswered = true;
      return this.#answer(call);
    });
    return {
      reached: () => vi.waitUntil(() => held.isReached, { interval: 2 }),
      release: () => {
        held.isReleased = true;
      },
      answered: () => vi.waitUntil(() => held.isAnswered, { interval: 2 }),
    };
  }

  /** Does what the next such call asks for, and loses the answer on its way. */
  lose(matches: string): void {
    this.once(matches, (call) => {
      this.#answer(call);
      throw new TypeError('connection lost');
    });
  }

  /** From now on it works. */
  forgetFaults(): void {
    this.#faults = [];
  }

  /** Sections in use in all sessions, each as `session/mid`. */
  get open(): string[] {
    return [...this.sessions.values()].flatMap(({ id, local, remote }) =>
      [...local.keys(), ...remote.keys()].map((mid) => `${id}/${mid}`),
    );
  }

  callsTo(part: string): SfuCall[] {
    return this.calls.filter(({ method, path }) => `${method} ${path}`.includes(part));
  }

  /** The one session that has published a track of this name. */
  publisherOf(trackName: string): FakeSession {
    const found = [...this.sessions.values()].filter((session) => [...session.local.values()].includes(trackName));
    if (found.length !== 1 || !found[0]) throw new Error(`${found.length} sessions have published ${trackName}`);
    return found[0];
  }

  async #fetch(request: Request): Promise<Response> {
    const text = await request.text();
    const call: SfuCall = {
      method: request.method,
      path: request.url.replace(BASE, ''),
      url: request.url,
      headers: Object.fromEntries(request.headers),
      redirect: request.redirect,
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.calls.push(call);
    const requested = { method: call.method, path: call.url.replace(VERSION, '') };
    violations.checkRequest(requested, call.body);
    const fault = this.#faults.findIndex(({ matches }) => `${call.method} ${call.path}`.includes(matches));
    const [taken] = fault < 0 ? [] : this.#faults.splice(fault, 1);
    const response = await Promise.race([taken ? taken.answer(call) : this.#answer(call), aborted(request.signal)]);
    return taken?.misshapen ? response : held(requested, response);
  }

  #answer(call: SfuCall): Response {
    if (!call.url.startsWith(`${BASE}/`)) return failed(404, 'not_found');
    if (call.headers['authorization'] !== SECRET) return failed(401, 'unauthorized');
    if (call.method === 'POST' && call.path === '/sessions/new') return this.#newSession(call.body);
    const [, id = '', operation = ''] = /^\/sessions\/([0-9a-f]{32})(\/[a-z/]+)?$/.exec(call.path) ?? [];
    const session = this.sessions.get(id);
    if (!session) return failed(410, 'session_error', `Session ${id} appears to be disconnected.`);
    switch (`${call.method} ${operation}`) {
      case 'GET ':
        return Response.json({ tracks: listTracks(session), dataChannels: [] });
      case 'POST /datachannels/establish':
        return establish(parseRecord(call.body, 'body'));
      case 'POST /tracks/new':
        return this.#newTracks(session, parseRecord(call.body, 'body'));
      case 'PUT /tracks/update':
        return this.#updateTracks(session, parseRecord(call.body, 'body'));
      case 'PUT /tracks/close':
        return closeTracks(session, parseRecord(call.body, 'body'));
      case 'PUT /renegotiate':
        if (!session.awaitsAnswer) return failed(406, 'invalid_session_description');
        session.awaitsAnswer = false;
        return Response.json({});
      default:
        return failed(404, 'not_found');
    }
  }

  #newSession(body: unknown): Response {
    if (body !== undefined) return failed(400, 'decoding_error', 'Body JSON validation error: sessionDescription');
    const id = crypto.randomUUID().replaceAll('-', '');
    const session = { id, local: new Map(), remote: new Map(), closed: [], awaitsAnswer: false, nextMid: 0 };
    this.sessions.set(id, session);
    return Response.json({ sessionId: id }, { status: 201 });
  }

  #newTracks(session: FakeSession, body: Json): Response {
    if (session.awaitsAnswer) return failed(406, 'invalid_session_description');
    const tracks = listOf(body);
    const offer = readOffer(body);
    if (typeof offer === 'number') return failed(offer, 'invalid_session_description');
    if (tracks.every((track) => track['location'] === 'local')) {
      for (const track of tracks) session.local.set(String(track['mid']), String(track['trackName']));
      const results = tracks.map(({ mid, trackName }) => ({ mid, trackName }));
      return Response.json({ requiresImmediateRenegotiation: false, tracks: results, ...answerTo(offer) });
    }
    const free = (offer ?? []).filter((section) => !section.sends).map((section) => section.mid);
    const results = tracks.map((track) => {
      const { sessionId, trackName } = track;
      if (!this.#isPublished(track)) return { mid: '', sessionId, trackName, ...failure('not_found_track_error') };
      while (session.local.has(String(session.nextMid))) session.nextMid += 1;
      const mid = (offer ? free.shift() : undefined) ?? String(session.nextMid++);
      session.remote.set(mid, { sessionId: String(sessionId), trackName: String(trackName) });
      return { mid, sessionId, trackName };
    });
    const isHopeless = results.every((result) => 'errorCode' in result);
    session.awaitsAnswer = !offer && !isHopeless;
    return Response.json({
      requiresImmediateRenegotiation: session.awaitsAnswer,
      tracks: results,
      ...(!isHopeless && (offer ? answerTo(offer) : { sessionDescription: { type: 'offer', sdp: buildSdp([]) } })),
    });
  }

  #updateTracks(session: FakeSession, body: Json): Response {
    const results = listOf(body).map((track) => {
      const { sessionId, trackName, mid } = track;
      if (!session.remote.has(String(mid)) || !this.#isPublished(track))
        return { mid, sessionId, trackName, ...failure('update_track_error') };
      session.remote.set(String(mid), { sessionId: String(sessionId), trackName: String(trackName) });
      return { mid, sessionId, trackName };
    });
    return Response.json({ requiresImmediateRenegotiation: false, tracks: results });
  }

  #isPublished({ sessionId, trackName }: Json): boolean {
    const publisher = this.sessions.get(String(sessionId));
    return [...(publisher?.local.values() ?? [])].includes(String(trackName));
  }
}

/** The answer, once it has been held to the API. */
async function held(requested: { method: string; path: string }, response: Response): Promise<Response> {
  const text = await response.clone().text();
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  violations.checkAnswer(requested, { status: response.status, body });
  return response;
}

function establish(body: Json): Response {
  const offer = readOffer(body);
  if (typeof offer === 'number') return failed(offer, 'invalid_session_description');
  if (!offer?.some(({ kind }) => kind === 'application')) return failed(406, 'invalid_session_description');
  const dataChannel = { dataChannelName: 'server-events', id: 0 };
  return Response.json({ requiresImmediateRenegotiation: false, dataChannel, ...answerTo(offer) });
}

function closeTracks(session: FakeSession, body: Json): Response {
  if (typeof body['force'] !== 'boolean') return failed(400, 'decoding_error', 'Body JSON validation error: force');
  const tracks = listOf(body).map(({ mid }) => {
    const wasOpen = session.local.delete(String(mid)) || session.remote.delete(String(mid));
    if (wasOpen) session.closed.push(String(mid));
    return wasOpen ? { mid } : { mid, ...failure('close_track_error') };
  });
  return Response.json({ requiresImmediateRenegotiation: false, tracks });
}

function listTracks(session: FakeSession): Json[] {
  const local = [...session.local].map(([mid, trackName]) => ({ location: 'local', mid, trackName, status: 'active' }));
  const remote = [...session.remote].map(([mid, track]) => ({ location: 'remote', mid, ...track, status: 'active' }));
  return [...local, ...remote];
}

function listOf(body: Json): Json[] {
  if (!Array.isArray(body['tracks'])) throw new Error('the broker sent no tracks');
  return body['tracks'].map((track) => parseRecord(track, 'tracks'));
}

/** Undefined without one; a status where the SFU would refuse it. */
function readOffer(body: Json): ReturnType<typeof readSections> | number {
  if (body['sessionDescription'] === undefined) return undefined;
  const { type, sdp } = parseRecord(body['sessionDescription'], 'sessionDescription');
  if (type !== 'offer') return 406;
  return typeof sdp === 'string' && sdp.endsWith('\r\n') ? readSections(sdp) : 400;
}

function answerTo(offer: ReturnType<typeof readSections>): Json {
  if (!offer) return {};
  const sections = offer.map(({ mid, sends }) => {
    return { kind: 'audio', mid, direction: sends ? 'recvonly' : 'sendonly' } as const;
  });
  return { sessionDescription: { type: 'answer', sdp: buildSdp(sections) } };
}

/** What an item that failed has besides its name. */
function failure(errorCode: string): Json {
  return { errorCode, errorDescription: 'refused' };
}

export function failed(status: number, errorCode: string, errorDescription = 'refused'): Response {
  return Response.json({ errorCode, errorDescription }, { status });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
