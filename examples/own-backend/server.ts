/** A site with a call in it: signs a room token for whoever may enter, and serves the pages. Run: node server.ts */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { importJWK, SignJWT, type JWK } from 'jose';

const { PORT = '8080', BROKER_URL = 'https://calls.example.com', ROOM_TOKEN_KEYS = '[]' } = process.env;
const [jwk] = JSON.parse(ROOM_TOKEN_KEYS) as JWK[];
if (!jwk?.kid) throw new Error('Set ROOM_TOKEN_KEYS to the same JSON as the broker has; its first key needs a "kid".');
const { kid } = jwk;
const key = await importJWK(jwk, 'HS256');

const PAGES: Readonly<Record<string, string>> = {
  '/': 'index.html',
  '/one-tag/': '../one-tag/index.html',
  '/events/': '../events/index.html',
  '/own-interface/': '../own-interface/index.html',
};

/** Who lets others into a room, where it was started with a waiting room. Yours knows that from its database. */
const hosts = new Map<string, string>();

/** Ask your own session here: may this visitor enter this room, under which name, as host or guest? */
function mintToken(room: string, guest: string): Promise<string> {
  const host = hosts.get(room);
  return new SignJWT({ room, role: host === guest ? 'host' : 'guest', lobby: host !== undefined })
    .setProtectedHeader({ alg: 'HS256', kid })
    .setAudience('realtime-call')
    .setSubject(`guest-${guest}`) // a stable id of your user; without accounts, the id the widget keeps for this tab
    .setIssuedAt()
    .setExpirationTime('10 minutes')
    .sign(key);
}

createServer(async (request, response) => {
  const url = URL.parse(request.url ?? '/', 'http://localhost') ?? new URL('http://localhost/404');
  const page = PAGES[url.pathname];
  if (url.pathname === '/call-token') {
    const { room = '', guest = '', host } = Object.fromEntries(url.searchParams);
    if (host !== undefined && !hosts.has(room)) hosts.set(room, guest);
    const token = await mintToken(room, guest);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify({ token }));
  } else if (page) {
    const html = await readFile(new URL(page, import.meta.url), 'utf8');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(html.replaceAll('https://calls.example.com', BROKER_URL));
  } else {
    response.writeHead(url.pathname === '/favicon.ico' ? 204 : 404).end();
  }
}).listen(Number(PORT), '127.0.0.1', () => console.log(`http://localhost:${PORT}/`));
