/** `npm start`: everything on this machine. The Worker, the example site, and the stand-in SFU unless a real one is named. */
import './end-with-npm.ts';
import { requireFreePort } from './ports.ts';
import { StartError, type Service } from './service.ts';
import { randomTokenKeys, standInApp, startSite, startStandIn, startWorker, type SfuApp } from './stack.ts';

const REAL_API_URL = 'https://rtc.live.cloudflare.com/v1';

const starts: Promise<Service>[] = [];
const interrupt = new AbortController();
const watch = {
  signal: interrupt.signal,
  // What a service says when all is well is of no interest, except what the Worker logs.
  onLine: (name: string, line: string, stream: 'stdout' | 'stderr') => {
    if (line && (stream === 'stderr' || (name === 'worker' && line.startsWith('{')))) console.log(`${name} | ${line}`);
  },
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end(0));

try {
  const sitePort = readPort();
  const [workerPort, sfuPort] = [sitePort + 1, sitePort + 2];
  const realApp = readRealApp();
  const tokenKeys = readTokenKeys();
  await requireFreePort(sitePort, 'the example site');
  await requireFreePort(workerPort, 'the Worker');
  if (!realApp) await requireFreePort(sfuPort, 'the stand-in SFU');

  const app = realApp ?? standInApp(sfuPort);
  if (!realApp) starts.push(startStandIn(sfuPort, app, watch));
  starts.push(startWorker(workerPort, app, tokenKeys, watch, readSettings()));
  starts.push(startSite(sitePort, `http://127.0.0.1:${workerPort}`, tokenKeys, watch));

  const running = await Promise.all(starts);
  console.log(`
  A call:  http://localhost:${sitePort}/
  Media:   ${realApp ? `the SFU at ${app.REALTIME_API_URL}` : 'the stand-in SFU on this machine'}
  Ctrl-C ends everything.
`);
  console.error(await Promise.race(running.map((service) => service.died)));
  await end(1);
} catch (error) {
  if (!interrupt.signal.aborted) {
    console.error(error instanceof StartError ? error.message : error);
    await end(1);
  }
}

/** Ends what runs and what is still starting. A second signal does not wait. */
async function end(code: number): Promise<never> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(code));
  interrupt.abort();
  await Promise.all(starts.map(async (start) => (await start.catch(() => undefined))?.stop()));
  process.exit(code);
}

/** What an owner may set besides: as on the deployed Worker. */
function readSettings(): Record<string, string> {
  const names = [
    'ALLOWED_ORIGINS',
    'CHAT_HISTORY',
    'TURN_KEY_ID',
    'TURN_KEY_API_TOKEN',
    'WEBHOOK_URL',
    'WEBHOOK_SECRET',
  ];
  const { env } = process;
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

function readPort(): number {
  const text = process.env['PORT'] || '8787';
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_533) return port;
  throw new StartError(
    `PORT is "${text}"; it must be a number from 1 to 65533, as the two ports after it are used too.`,
  );
}

function readRealApp(): SfuApp | undefined {
  const { REALTIME_APP_ID = '', REALTIME_APP_TOKEN = '', REALTIME_API_URL = REAL_API_URL } = process.env;
  if (REALTIME_APP_ID && REALTIME_APP_TOKEN) return { REALTIME_API_URL, REALTIME_APP_ID, REALTIME_APP_TOKEN };
  if (!REALTIME_APP_ID && !REALTIME_APP_TOKEN) return undefined;
  throw new StartError(
    'Set both REALTIME_APP_ID and REALTIME_APP_TOKEN to use the real SFU, or neither to use the stand-in.',
  );
}

/** The example site signs with the first of them; the Worker has its own opinion of the others. */
function readTokenKeys(): string {
  const text = process.env['ROOM_TOKEN_KEYS'];
  if (!text) return randomTokenKeys();
  if (!canSign(text))
    throw new StartError(
      'ROOM_TOKEN_KEYS must be JSON like [{"kty":"oct","kid":"main","alg":"HS256","k":"…"}], where k is 32 bytes or more ' +
        'in base64url; without it, a random key is made.',
    );
  return text;
}

function canSign(keys: string): boolean {
  try {
    const [key] = JSON.parse(keys) as [{ kty?: unknown; kid?: unknown; alg?: unknown; k?: unknown }];
    const { kty, kid, alg, k } = key;
    return kty === 'oct' && alg === 'HS256' && Boolean(kid) && Buffer.from(String(k), 'base64url').length >= 32;
  } catch {
    return false;
  }
}
