/**
 * The stand-in SFU alone: `npm run sfu`. Environment: PORT, ADDRESS, MEDIA_ADDRESS, REALTIME_APP_ID, REALTIME_APP_TOKEN,
 * TURN_KEY_ID, TURN_KEY_API_TOKEN, CONTROL_PORT, TIMINGS. Prints its base URL on one line, and on a second that of the endpoint for
 * faults where CONTROL_PORT is set; on standard error it prints every call that breaks the API's rules.
 */
import '../end-with-npm.ts';
import { describeViolation } from './schema/violations.ts';
import { DEFAULT_TURN_KEY, startSfu, type Sfu } from './sfu.ts';
import { parseTimings } from './timings.ts';

const DEFAULT_PORT = 8789;
/** Good for a stand-in that only this machine can reach. */
const DEFAULT_APP_ID = '0'.repeat(32);
const DEFAULT_APP_TOKEN = 'development-only';

try {
  const sfu = await start();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      void sfu.close().then(() => process.exit(0));
    });
  console.log(sfu.url);
  if (sfu.controlUrl) console.log(sfu.controlUrl);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

function start(): Promise<Sfu> {
  const { ADDRESS, MEDIA_ADDRESS, TIMINGS } = process.env;
  const { REALTIME_APP_ID, REALTIME_APP_TOKEN, TURN_KEY_ID, TURN_KEY_API_TOKEN } = process.env;
  const controlPort = readPort('CONTROL_PORT');
  return startSfu({
    port: readPort('PORT') ?? DEFAULT_PORT,
    appId: REALTIME_APP_ID || DEFAULT_APP_ID,
    appToken: REALTIME_APP_TOKEN || DEFAULT_APP_TOKEN,
    turnKey: { id: TURN_KEY_ID || DEFAULT_TURN_KEY.id, token: TURN_KEY_API_TOKEN || DEFAULT_TURN_KEY.token },
    onViolation: (violation) => console.error(describeViolation(violation)),
    ...(ADDRESS ? { address: ADDRESS } : {}),
    ...(MEDIA_ADDRESS ? { mediaAddress: MEDIA_ADDRESS } : {}),
    ...(controlPort === undefined ? {} : { controlPort }),
    ...(TIMINGS ? { timings: parseTimings(TIMINGS) } : {}),
  });
}

function readPort(name: 'PORT' | 'CONTROL_PORT'): number | undefined {
  const text = process.env[name];
  if (!text) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new TypeError(`${name} must be a number from 0 to 65535, not "${text}".`);
  return port;
}

/** One sentence that names the mend. */
function explain(error: unknown): string {
  const { code, message, address } = error as NodeJS.ErrnoException & { address?: string };
  if (code === 'EADDRINUSE')
    return `Port ${process.env['PORT'] ?? DEFAULT_PORT} is in use: set PORT to another, or stop what listens there.`;
  if (code === 'EADDRNOTAVAIL')
    return `This machine has no address ${address}: set ${settingOf(address)} to one it has, or leave it out.`;
  if (code === 'EACCES') return `Port ${process.env['PORT']} is not allowed for this user: set PORT to one above 1023.`;
  return message;
}

function settingOf(address: string | undefined): string {
  return address === process.env['MEDIA_ADDRESS'] ? 'MEDIA_ADDRESS' : 'ADDRESS';
}
