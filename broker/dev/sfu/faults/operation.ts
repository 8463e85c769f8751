/** Every operation of the API, by the name that faults use for it: its path, without ids. */
export const OPERATIONS = [
  'sessions/new',
  'sessions/get',
  'tracks/new',
  'tracks/update',
  'tracks/close',
  'renegotiate',
  'datachannels/establish',
  'datachannels/new',
  'datachannels/update',
  'datachannels/close',
  'adapters/websocket/new',
  'adapters/websocket/close',
] as const;

export type Operation = (typeof OPERATIONS)[number];

/** The operation a path names; undefined where there is none such. */
export function operationOf([collection, id, ...rest]: readonly string[]): Operation | undefined {
  const isOnSession = collection === 'sessions' && id !== 'new';
  const name = isOnSession ? rest.join('/') || 'sessions/get' : [collection, id, ...rest].join('/');
  return OPERATIONS.find((operation) => operation === name);
}

/** The session a path names; undefined where the call is about no session yet. */
export function sessionOf([collection, id]: readonly string[]): string | undefined {
  return collection === 'sessions' && id !== 'new' ? id : undefined;
}
