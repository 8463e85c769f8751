import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { WRANGLER_PATH } from '../wrangler-command.ts';

export interface RuntimeOptions {
  /** A Worker's module, as wrangler.toml names it. */
  entry: string;
  port: number;
  /** Its text bindings. */
  environment: Readonly<Record<string, string>>;
  /** Durable Object classes by binding. */
  objects: Readonly<Record<string, string>>;
}

/** A Worker on a workerd process of its own. */
export interface Runtime {
  readonly pid: number;
  /** Resident memory, in bytes. */
  memory(): number;
  /** Processor time used so far, in milliseconds. */
  processorTime(): number;
  /** Ends the process without a word to anybody, and starts another on the same storage: what a deploy does. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** The runtime that wrangler brings along. */
const { default: WORKERD } = createRequire(WRANGLER_PATH)('workerd') as { default: string };
const START_MS = 20_000;
/** What Linux counts processor time in. */
const TICK_MS = 10;

/**
 * Runs a Worker on the bare runtime: what `wrangler dev` puts around it to watch, reload and record costs several times
 * what a request does, and has memory of its own. On Linux.
 */
export async function startRuntime({ entry, port, environment, objects }: RuntimeOptions): Promise<Runtime> {
  const folder = mkdtempSync(join(tmpdir(), 'realtime-call-workerd-'));
  mkdirSync(join(folder, 'storage'));
  await build({
    entryPoints: [entry],
    outfile: join(folder, 'worker.js'),
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd'],
    external: ['cloudflare:*'],
    logLevel: 'error',
  });
  writeFileSync(join(folder, 'config.capnp'), configText(port, environment, objects));
  let child = await start(folder, port);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    get pid() {
      return child.pid ?? 0;
    },
    memory: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024,
    processorTime: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    },
    restart: async () => {
      await stop();
      child = await start(folder, port);
    },
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(folder: string, port: number): Promise<ChildProcess> {
  const child = spawn(WORKERD, ['serve', 'config.capnp'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4_000)));
  process.once('exit', () => child.kill('SIGKILL'));
  const deadline = Date.now() + START_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    await response?.body?.cancel();
    if (response) return child;
    await wait(20);
  }
  child.kill('SIGKILL');
  throw new Error(`workerd did not start:\n${output}`);
}

/** Outgoing calls may reach this machine alone. */
function configText(port: number, environment: RuntimeOptions['environment'], objects: RuntimeOptions['objects']) {
  const settings = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
  const [, date = ''] = /^compatibility_date = (.+)$/m.exec(settings) ?? [];
  const [, flags = '[]'] = /^compatibility_flags = (.+)$/m.exec(settings) ?? [];
  const bindings = [
    ...Object.entries(environment).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`),
    ...Object.entries(objects).map(
      ([name, className]) => `(name = "${name}", durableObjectNamespace = "${className}")`,
    ),
  ];
  const classes = Object.values(objects).map(
    (className) => `(className = "${className}", uniqueKey = "${className}", enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["private"])),
    (name = "storage", disk = (path = "storage", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = ${date},
  compatibilityFlags = ${flags},
  bindings = [${bindings.join(', ')}],
  durableObjectNamespaces = [${classes.join(', ')}],
  durableObjectStorage = (localDisk = "storage"),
);
`;
}
