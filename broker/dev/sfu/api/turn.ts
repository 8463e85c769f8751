import { randomBytes } from 'node:crypto';
import { compact, parseInteger, parseOptional, parseRecord, parseString } from '#protocol';
import { TURN_TTL_MAX_SECONDS } from '../schema/turn.ts';
import { refusal } from './api-error.ts';
import { decode } from './decode.ts';
import type { ApiResponse } from './routes.ts';

export interface TurnKey {
  id: string;
  /** The bearer of its operations. */
  token: string;
}

/**
 * The addresses are the real one's on this machine, where nobody listens: there is no TURN server here, and nothing may
 * leave the machine. Port 53 is among them, because the real service gives it out although browsers block it.
 */
const STUN_URLS = ['stun:127.0.0.1:3478', 'stun:127.0.0.1:53'];
const TURN_URLS = [
  'turn:127.0.0.1:3478?transport=udp',
  'turn:127.0.0.1:53?transport=udp',
  'turn:127.0.0.1:3478?transport=tcp',
  'turn:127.0.0.1:80?transport=tcp',
  'turns:127.0.0.1:5349?transport=tcp',
  'turns:127.0.0.1:443?transport=tcp',
];
const SECRET_BYTES = 32;
const IDENTIFIER_MAX = 256;

/** `POST /turn/keys/{key}/credentials/...`; `path` begins with `keys`. Throws {@link ApiError}. */
export function answerTurn(key: TurnKey, method: string, path: readonly string[], body: unknown): ApiResponse {
  const [collection, id, credentials, ...operation] = path;
  const [first = '', last] = operation;
  if (method !== 'POST' || collection !== 'keys' || credentials !== 'credentials' || operation.length > 2)
    throw refusal.unknownRoute(method, path.join('/'));
  if (id !== key.id) throw refusal.unknownKey();
  if (last === 'revoke' && first !== '') return { status: 204, body: undefined };
  if (last !== undefined) throw refusal.unknownRoute(method, path.join('/'));
  if (first === 'generate-ice-servers')
    return { status: 201, body: { iceServers: [{ urls: STUN_URLS }, newCredential(body)] } };
  if (first === 'generate') return { status: 201, body: { iceServers: newCredential(body) } };
  throw refusal.unknownRoute(method, path.join('/'));
}

/** How long it lives is checked and then forgotten: there is no server that would look. */
function newCredential(body: unknown): { urls: string[]; username: string; credential: string } {
  decode(() => {
    const record = parseRecord(body, 'body');
    const ttl = parseInteger(1, TURN_TTL_MAX_SECONDS)(record['ttl'], 'ttl');
    return compact({ ttl, customIdentifier: parseOptional(record, 'customIdentifier', parseString(IDENTIFIER_MAX)) });
  });
  return {
    urls: TURN_URLS,
    username: randomBytes(SECRET_BYTES).toString('hex'),
    credential: randomBytes(SECRET_BYTES).toString('hex'),
  };
}
