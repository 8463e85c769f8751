import { closeAdaptersAnswer, closeAdaptersRequest, newAdaptersAnswer, newAdaptersRequest } from './adapters.ts';
import {
  channelsAnswer,
  closeChannelsAnswer,
  closeChannelsRequest,
  establishAnswer,
  establishRequest,
  newChannelsRequest,
  updateChannelsRequest,
} from './data-channels.ts';
import {
  newSessionAnswer,
  newSessionRequest,
  renegotiateAnswer,
  renegotiateRequest,
  sessionStateAnswer,
} from './sessions.ts';
import { nothing, type Shape } from './shape.ts';
import {
  closeTracksAnswer,
  closeTracksRequest,
  newTracksAnswer,
  newTracksRequest,
  updateTracksAnswer,
  updateTracksRequest,
} from './tracks.ts';
import { iceServerAnswer, iceServersAnswer, revokeRequest, turnRequest } from './turn.ts';

export interface Operation {
  method: 'GET' | 'POST' | 'PUT';
  /** Behind the version; parts in braces stand for an id. */
  path: string;
  /** Names of the parameters that may stand behind the `?`. */
  query: readonly string[];
  request: Shape;
  /** By status. Any other refusal has the shape that all refusals have. */
  answers: Readonly<Record<number, Shape>>;
}

const APP = '/apps/{app}';
const SESSION = `${APP}/sessions/{session}`;
const ADAPTERS = `${APP}/adapters/websocket`;
const CREDENTIALS = '/turn/keys/{key}/credentials';

function operation(
  method: Operation['method'],
  path: string,
  request: Shape,
  answers: Operation['answers'],
  query: readonly string[] = [],
): Operation {
  return { method, path, request, answers, query };
}

/** Every operation of the API, the TURN credentials included. */
export const OPERATIONS: readonly Operation[] = [
  operation('POST', `${APP}/sessions/new`, newSessionRequest, { 201: newSessionAnswer }, [
    'thirdparty',
    'correlationId',
  ]),
  operation('GET', SESSION, nothing, { 200: sessionStateAnswer }),
  operation('PUT', `${SESSION}/renegotiate`, renegotiateRequest, { 200: renegotiateAnswer }),
  operation('POST', `${SESSION}/tracks/new`, newTracksRequest, { 200: newTracksAnswer }),
  operation('PUT', `${SESSION}/tracks/update`, updateTracksRequest, { 200: updateTracksAnswer }),
  operation('PUT', `${SESSION}/tracks/close`, closeTracksRequest, { 200: closeTracksAnswer }),
  operation('POST', `${SESSION}/datachannels/establish`, establishRequest, { 200: establishAnswer }),
  operation('POST', `${SESSION}/datachannels/new`, newChannelsRequest, { 200: channelsAnswer }),
  operation('PUT', `${SESSION}/datachannels/update`, updateChannelsRequest, { 200: channelsAnswer }),
  operation('PUT', `${SESSION}/datachannels/close`, closeChannelsRequest, { 200: closeChannelsAnswer }),
  operation('POST', `${ADAPTERS}/new`, newAdaptersRequest, { 200: newAdaptersAnswer, 503: newAdaptersAnswer }),
  operation('POST', `${ADAPTERS}/close`, closeAdaptersRequest, { 200: closeAdaptersAnswer, 503: closeAdaptersAnswer }),
  operation('POST', `${CREDENTIALS}/generate-ice-servers`, turnRequest, { 201: iceServersAnswer }),
  operation('POST', `${CREDENTIALS}/generate`, turnRequest, { 201: iceServerAnswer }),
  operation('POST', `${CREDENTIALS}/{username}/revoke`, revokeRequest, { 204: nothing }),
];

/** `path` without the version and the query. Undefined where the API has no such operation. */
export function findOperation(method: string, path: string): Operation | undefined {
  const parts = path.split('/');
  return OPERATIONS.find((candidate) => {
    const pattern = candidate.path.split('/');
    return (
      candidate.method === method &&
      pattern.length === parts.length &&
      pattern.every((part, index) => (part.startsWith('{') ? parts[index] !== '' : part === parts[index]))
    );
  });
}
