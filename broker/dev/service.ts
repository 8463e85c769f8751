import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';

/** Something a person has to mend. The message is a whole sentence, and says how. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface ServiceOptions {
  /** One word, and the same as it begins a sentence: `worker`, `The Worker`. */
  name: string;
  title: string;
  /** What follows `node` on its command line. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Answers with anything below 500 once the service is ready. */
  url: string;
  /** What a person can do where it does not start. */
  mend: string;
}

/** Who watches a service: the same for all that start together. */
export interface Watch {
  /** Ends the start of what does not run yet. */
  signal: AbortSignal;
  /** Each line a service prints. */
  onLine: (name: string, line: string, stream: 'stdout' | 'stderr') => void;
}

export interface Service {
  /** Resolves with a sentence when the service ends by itself, and never after {@link Service.stop}. */
  readonly died: Promise<string>;
  /** Ends it with all its children. */
  stop(): Promise<void>;
}

const END_WITH_PARENT = new URL('./end-with-parent.mjs', import.meta.url).href;
const START_MS = 60_000;
const STOP_MS = 4_000;
const POLL_MS = 40;

/** Runs a Node program in a process group of its own. Rejects with {@link StartError} where it does not come to answer. */
export async function startService(options: ServiceOptions, watch: Watch): Promise<Service> {
  const { name, title, mend } = options;
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, ...options.args], {
    // A group of its own: Ctrl-C in a terminal reaches its owner alone, who ends the whole group in order.
    detached: process.platform !== 'win32',
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  readLines(child.stdout, (line) => watch.onLine(name, line, 'stdout'));
  readLines(child.stderr, (line) => watch.onLine(name, line, 'stderr'));

  let isStopping = false;
  child.once('exit', () => signalGroup(child, 'SIGKILL'));
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const died = new Promise<string>((resolve) => {
    void exited.then((reason) => isStopping || resolve(`${title} ended by itself (${reason}). ${mend}`));
  });
  const stop = async () => {
    isStopping = true;
    signalGroup(child, 'SIGTERM');
    if (!(await Promise.race([exited, wait(STOP_MS, undefined, { ref: false })]))) signalGroup(child, 'SIGKILL');
    await exited;
  };

  const waiting = new AbortController();
  const outcome = await Promise.race([answers(options.url, AbortSignal.any([watch.signal, waiting.signal])), died]);
  waiting.abort();
  if (outcome === true) return { died, stop };
  await stop();
  watch.signal.throwIfAborted();
  throw new StartError(outcome || `${title} did not answer within ${START_MS / 1000} s. ${mend}`);
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline && !signal.aborted) {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response && response.status < 500) return true;
    await wait(POLL_MS);
  }
  return false;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.trimEnd());
  });
  stream.on('end', () => rest && onLine(rest));
}
