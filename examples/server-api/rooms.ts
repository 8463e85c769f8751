/**
 * What your backend can do with a room: node rooms.ts list|end <room>, remove <room> <sub>, or invite <room> <sub> [role].
 * The token it calls with is a room token like others; what it needs is the grant "moderate", which a host has.
 */
import { importJWK, SignJWT, type JWK } from 'jose';

const { BROKER_URL = 'https://calls.example.com', ROOM_TOKEN_KEYS = '[]' } = process.env;
const [jwk] = JSON.parse(ROOM_TOKEN_KEYS) as JWK[];
if (!jwk?.kid) throw new Error('Set ROOM_TOKEN_KEYS to the same JSON as the broker has; its first key needs a "kid".');
const { kid } = jwk;
const key = await importJWK(jwk, 'HS256');

/** Calls the broker for one room, with a token that is good for a minute. */
async function call(method: string, room: string, path: string, body?: object): Promise<unknown> {
  const token = await new SignJWT({ room, role: 'host' })
    .setProtectedHeader({ alg: 'HS256', kid })
    .setAudience('realtime-call')
    .setSubject('backend')
    .setIssuedAt()
    .setExpirationTime('1 minute')
    .sign(key);
  const response = await fetch(`${BROKER_URL}/rooms/${room}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

const [command = '', room = '', sub = '', role = 'guest'] = process.argv.slice(2);
const commands: Readonly<Record<string, () => Promise<unknown>>> = {
  list: () => call('GET', room, 'participants'),
  remove: () => call('POST', room, 'remove', { sub }),
  end: () => call('POST', room, 'end'),
  invite: () => call('POST', room, 'invitations', { sub, role, minutes: 60 }),
};
const run = commands[command];
if (!run || !room) throw new Error('node rooms.ts list|end <room>, remove <room> <sub>, or invite <room> <sub> [role]');
console.log(JSON.stringify(await run(), null, 2));
