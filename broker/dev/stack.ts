import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError, startService, type Service, type Watch } from './service.ts';
import { WRANGLER_ENVIRONMENT, WRANGLER_PATH } from './wrangler-command.ts';

/** The app on the SFU that the broker speaks for. */
export interface SfuApp {
  REALTIME_API_URL: string;
  REALTIME_APP_ID: string;
  REALTIME_APP_TOKEN: string;
}

const ADDRESS = '127.0.0.1';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** An app for the stand-in SFU on `port`, with a secret that is new each time. */
export function standInApp(port: number): SfuApp {
  return {
    REALTIME_API_URL: `http://${ADDRESS}:${port}/v1`,
    REALTIME_APP_ID: 'local',
    REALTIME_APP_TOKEN: randomBytes(24).toString('base64url'),
  };
}

/** `ROOM_TOKEN_KEYS` with one key that is new each time. */
export function randomTokenKeys(): string {
  return JSON.stringify([{ kty: 'oct', kid: 'local', alg: 'HS256', k: randomBytes(32).toString('base64url') }]);
}

/** The stand-in SFU, in a process of its own. On `controlPort` tests can set faults in it; media goes to `mediaAddress`. */
export function startStandIn(
  port: number,
  app: SfuApp,
  watch: Watch,
  controlPort?: number,
  mediaAddress?: string,
): Promise<Service> {
  const { REALTIME_APP_ID, REALTIME_APP_TOKEN } = app;
  return startService(
    {
      name: 'sfu',
      title: 'The stand-in SFU',
      args: [join(ROOT, 'broker/dev/sfu/main.ts')],
      env: {
        PORT: String(port),
        CONTROL_PORT: String(controlPort ?? ''),
        REALTIME_APP_ID,
        REALTIME_APP_TOKEN,
        ...(mediaAddress && { MEDIA_ADDRESS: mediaAddress }),
      },
      url: `http://${ADDRESS}:${port}/`,
      mend: 'Run "npm run sfu" to see it alone; if its engine is missing, run "npm ci" again.',
    },
    watch,
  );
}

/** The Worker as it deploys, on workerd, with the widget built. Its rooms live in a temporary folder. */
export async function startWorker(
  port: number,
  app: SfuApp,
  tokenKeys: string,
  watch: Watch,
  settings: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), 'realtime-call-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  // With an env file named, wrangler takes secrets from the environment and leaves a .dev.vars in the project alone.
  const envFile = join(folder, 'none.env');
  writeFileSync(envFile, '');
  // Of the environment wrangler takes only what wrangler.toml requires.
  const vars = Object.entries(settings).flatMap(([name, value]) => ['--var', `${name}:${value}`]);
  const options = [...vars, '--ip', ADDRESS, '--port', String(port), '--inspector-port', '0', '--log-level', 'log'];
  const held = holdLines(watch);
  try {
    const service = await startService(
      {
        name: 'worker',
        title: 'The Worker',
        args: [WRANGLER_PATH, 'dev', '--cwd', ROOT, ...options, '--persist-to', folder, '--env-file', envFile],
        env: { ...WRANGLER_ENVIRONMENT, ...app, ROOM_TOKEN_KEYS: tokenKeys },
        url: `http://${ADDRESS}:${port}/health`,
        mend: 'What it says above tells why; "npm ci" mends an incomplete installation.',
      },
      held.watch,
    );
    held.release();
    return { died: service.died, stop: () => service.stop().finally(removeFolder) };
  } catch (error) {
    removeFolder();
    if (!watch.signal.aborted) requireBuild();
    held.release();
    throw error;
  }
}

/** Wrangler builds the widget first, and buries what is wrong with it under a stack of its own: let the build say it. */
function requireBuild(): void {
  const { status, stderr } = spawnSync('npm', ['run', '-s', 'build'], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0)
    throw new StartError(`${stderr}\nThe widget does not build. Mend what is said above, then start again.`);
}

/** Keeps what a service prints until it is known to matter. */
function holdLines(watch: Watch): { watch: Watch; release: () => void } {
  let lines: Parameters<Watch['onLine']>[] | undefined = [];
  return {
    watch: { ...watch, onLine: (...line) => (lines ? void lines.push(line) : watch.onLine(...line)) },
    release: () => {
      for (const line of lines ?? []) watch.onLine(...line);
      lines = undefined;
    },
  };
}

/** The example site, which signs room tokens and serves the pages in `examples`. */
export function startSite(port: number, brokerUrl: string, tokenKeys: string, watch: Watch): Promise<Service> {
  return startService(
    {
      name: 'site',
      title: 'The example site',
      args: [join(ROOT, 'examples/own-backend/server.ts')],
      env: { PORT: String(port), BROKER_URL: brokerUrl, ROOM_TOKEN_KEYS: tokenKeys },
      url: `http://${ADDRESS}:${port}/`,
      mend: 'Run "npm ci" again.',
    },
    watch,
  );
}
