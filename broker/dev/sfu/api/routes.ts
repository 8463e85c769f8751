import { mutate, parseDescription } from '../session/mutation.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { answerAdapters } from './adapters.ts';
import { refusal } from './api-error.ts';
import { closeTracks } from './close-tracks.ts';
import { closeDataChannels } from './close-data-channels.ts';
import { establishData } from './establish-data.ts';
import { newDataChannels } from './new-data-channels.ts';
import { newTracks } from './new-tracks.ts';
import { publishReserved } from './publish.ts';
import { parseAnswer, parseOffer } from './requests.ts';
import { sessionState } from './session-state.ts';
import { updateDataChannels } from './update-data-channels.ts';
import { updateTracks } from './update-tracks.ts';

export interface ApiResponse {
  status: number;
  /** Sent as JSON; a string as a page; undefined where there is none. */
  body: object | string | undefined;
}

/** The operations on one session, by method and path behind its id. */
type SessionOperation = (sessions: SessionRegistry, session: SfuSession, body: unknown) => object | Promise<object>;

const SESSION_OPERATIONS: Readonly<Record<string, SessionOperation>> = {
  'GET ': (_, session) => sessionState(session),
  'POST tracks/new': newTracks,
  'PUT tracks/update': updateTracks,
  'PUT tracks/close': (_, session, body) => closeTracks(session, body),
  'POST datachannels/establish': (_, session, body) => establishData(session, body),
  'POST datachannels/new': newDataChannels,
  'PUT datachannels/update': (_, session, body) => updateDataChannels(session, body),
  'PUT datachannels/close': (_, session, body) => closeDataChannels(session, body),
  'PUT renegotiate': (_, session, body) => renegotiate(session, body),
};

/**
 * Answers one call. `path` is what follows the app id, in parts; `body` is undefined where the request has none.
 * Throws {@link ApiError}.
 */
export async function route(
  sessions: SessionRegistry,
  method: string,
  path: readonly string[],
  body: unknown,
): Promise<ApiResponse> {
  const [collection, id = '', ...rest] = path;
  if (method === 'POST' && collection === 'adapters' && id === 'websocket' && ['new', 'close'].includes(rest.join('/')))
    return answerAdapters(rest.join('/'), body);
  if (collection !== 'sessions') throw refusal.unknownRoute(method, path.join('/'));
  if (id === 'new' && rest.length === 0 && method === 'POST')
    return { status: 201, body: await newSession(sessions, body) };
  const operation = SESSION_OPERATIONS[`${method} ${rest.join('/')}`];
  if (!operation) throw refusal.unknownRoute(method, path.join('/'));
  const session = sessions.get(id);
  if (!session.calls.admit(performance.now())) throw refusal.tooMany();
  return { status: 200, body: await operation(sessions, session, body) };
}

/** `POST /sessions/new`: no body, or one with an offer; an empty object is neither. */
function newSession(sessions: SessionRegistry, body: unknown): object {
  if (body === undefined) return { sessionId: sessions.create().id };
  const sdp = parseDescription(parseOffer(body).sdp);
  const session = sessions.create();
  try {
    session.takeOffer(sdp);
    return { sessionId: session.id, sessionDescription: session.negotiation.createAnswer() };
  } catch (error) {
    session.close();
    throw error;
  }
}

/** `PUT /sessions/{id}/renegotiate`: the client's answer to the SFU's offer. */
function renegotiate(session: SfuSession, body: unknown): Promise<object> {
  const { sdp: text } = parseAnswer(body);
  return mutate(session, { carriesOffer: false, mayBeFirst: true, answers: true }, () => {
    const sdp = parseDescription(text);
    session.takeAnswer(sdp);
    publishReserved(session);
    return {};
  });
}
