import { FaultClient } from '../faults/fault-client.ts';
import { startSfu } from '../sfu.ts';
import { DEFAULT_TIMINGS, type Timings } from '../timings.ts';

/** The SFU that the contract is asked of. */
export interface Target {
  /** Base URL of the app's operations. */
  api: string;
  token: string;
  /** The waits to expect of it. */
  timings: Readonly<Timings>;
  /** Of a stand-in alone. */
  faults?: FaultClient;
  close(): Promise<void>;
}

export interface StandInOptions {
  /** Shorter waits; a real SFU keeps its own. */
  timings?: Partial<Timings>;
  hasFaults?: boolean;
}

const APP_ID = 'a'.repeat(32);
const APP_TOKEN = 'contract-token';

/** Base URL of a running SFU, `npm run contract:live` sets it; without it the contract is asked of a stand-in. */
const API_URL = process.env['CONTRACT_API_URL'];

export const isLive = Boolean(API_URL);

/** A real SFU is far away and waits as long as it likes. */
export const TEST_TIMEOUT_MS = isLive ? 120_000 : 30_000;

export async function startTarget({ timings, hasFaults }: StandInOptions = {}): Promise<Target> {
  const { REALTIME_APP_ID, REALTIME_APP_TOKEN = '' } = process.env;
  if (API_URL) {
    const api = `${API_URL}/apps/${REALTIME_APP_ID}`;
    return { api, token: REALTIME_APP_TOKEN, timings: DEFAULT_TIMINGS, close: async () => {} };
  }
  const sfu = await startSfu({
    appId: APP_ID,
    appToken: APP_TOKEN,
    ...(timings && { timings }),
    ...(hasFaults && { controlPort: 0 }),
  });
  return {
    api: `${sfu.url}/apps/${APP_ID}`,
    token: APP_TOKEN,
    timings: { ...DEFAULT_TIMINGS, ...timings },
    ...(sfu.controlUrl && { faults: new FaultClient(sfu.controlUrl) }),
    close: () => sfu.close(),
  };
}
