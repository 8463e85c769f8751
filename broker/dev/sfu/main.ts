/**
 * The stand-in SFU alone: `npm run sfu`. Environment: PORT, ADDRESS, REALTIME_APP_ID, REALTIME_APP_TOKEN. Prints its base
 * URL on one line.
 */
import { startSfu, type Sfu } from './sfu.ts';

const DEFAULT_PORT = 8789;
/** Good for a stand-in that only this machine can reach. */
const DEFAULT_APP_ID = '0'.repeat(32);
const DEFAULT_APP_TOKEN = 'development-only';

try {
  const sfu = await start();
  console.log(sfu.url);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      void sfu.close().then(() => process.exit(0));
    });
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

function start(): Promise<Sfu> {
  const { PORT, ADDRESS, REALTIME_APP_ID, REALTIME_APP_TOKEN } = process.env;
  const port = PORT ? Number(PORT) : DEFAULT_PORT;
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new TypeError(`PORT must be a number from 0 to 65535, not "${PORT}".`);
  return startSfu({
    port,
    appId: REALTIME_APP_ID || DEFAULT_APP_ID,
    appToken: REALTIME_APP_TOKEN || DEFAULT_APP_TOKEN,
    ...(ADDRESS ? { address: ADDRESS } : {}),
  });
}

/** One sentence that names the mend. */
function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const address = process.env['ADDRESS'] ?? '127.0.0.1';
  if (code === 'EADDRINUSE')
    return `Port ${process.env['PORT'] ?? DEFAULT_PORT} is in use: set PORT to another, or stop what listens there.`;
  if (code === 'EADDRNOTAVAIL')
    return `This machine has no address ${address}: set ADDRESS to one it has, or leave it out.`;
  if (code === 'EACCES') return `Port ${process.env['PORT']} is not allowed for this user: set PORT to one above 1023.`;
  return message;
}
