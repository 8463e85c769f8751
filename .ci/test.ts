/** `npm test`: every check and every suite, and one closing line. What measures time or media runs alone. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Step {
  name: string;
  command: readonly string[];
  /** Where the step runs tests: reads their counts from what the runner reported. */
  parse?: (report: unknown) => Counts;
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const STEP_MS = 10 * 60_000;

const folder = mkdtempSync(join(tmpdir(), 'realtime-call-test-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
process.chdir(join(import.meta.dirname, '..'));

/** The steps of a group run side by side, and print when they are done. */
const groups: readonly Step[][] = [
  [{ name: 'build', command: ['npm', 'run', '-s', 'build'] }],
  [
    { name: 'check', command: ['npm', 'run', '-s', 'check'] },
    vitest('broker', 'broker/vitest.config.ts'),
    {
      name: 'widget',
      command: ['npx', 'wtr', '--config', '.ci/wtr-report.config.mjs'],
      parse: (report) => report as Counts,
    },
  ],
  [vitest('unit', '.ci/vitest.config.ts')],
  [vitest('e2e', 'examples/e2e/vitest.config.ts')],
  [{ name: 'deploy', command: ['npm', 'run', '-s', 'deploy', '--', '--dry-run', '--outdir', join(folder, 'deploy')] }],
];

const wanted = process.argv.slice(2);
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
for (const group of groups) {
  const chosen = group.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  if (chosen.length === 0) continue;
  console.log(`\n--- ${chosen.map(({ name }) => name).join(', ')} ---`);
  await Promise.all(chosen.map((step) => report(step, chosen.length > 1)));
}
console.log(`\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

async function report(step: Step, isQuiet: boolean): Promise<void> {
  const started = performance.now();
  const counts = await run(step, isQuiet);
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  lines.push(`${step.name.padEnd(8)}${seconds} s   ${counts.summary}`);
  total.passed += counts.passed;
  total.failed += counts.failed;
}

function vitest(name: string, config: string): Step {
  const reporters = ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', reportPath(name)];
  return { name, command: ['npx', 'vitest', 'run', '-c', config, ...reporters], parse: parseVitest };
}

/** Runs one step. Whatever is not a clean pass counts as failed: a crash, a suite without tests, a skipped test. */
async function run(step: Step, isQuiet: boolean): Promise<Counts & { summary: string }> {
  const code = await execute(step, isQuiet);
  const isOk = code === 0;
  if (!step.parse) return { ...none(isOk ? 0 : 1), summary: isOk ? 'ok' : `failed (${code})` };

  const counts = readCounts(step) ?? none(0);
  const summary = [`${counts.passed} passed`];
  if (counts.failed > 0) summary.push(`${counts.failed} failed`);
  if (counts.skipped > 0) summary.push(`${counts.skipped} skipped, which counts as failed`);
  const failed = counts.failed + counts.skipped;
  if (counts.passed + failed === 0) return { ...none(1), summary: `ran no test (${code})` };
  if (isOk || failed > 0) return { ...counts, failed, summary: summary.join(', ') };
  return { ...counts, failed: 1, summary: `${summary.join(', ')}, but the run failed (${code})` };
}

function execute({ name, command: [file = '', ...args] }: Step, isQuiet: boolean): Promise<number | string> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: isQuiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, TEST_REPORT: reportPath(name) },
      detached: true,
    });
    const printed: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk));
    const end = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
    const timer = setTimeout(end, STEP_MS);
    const interrupted = () => {
      end();
      process.exit(1);
    };
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    const done = (reason: number | string) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      process.stdout.write(Buffer.concat(printed));
      resolve(reason);
    };
    child.once('error', (error) => done(error.message));
    child.once('close', (code, signal) => done(code ?? signal ?? 'unknown'));
  });
}

function reportPath(name: string): string {
  return join(folder, `${name}.json`);
}

function readCounts({ name, parse }: Step): Counts | undefined {
  try {
    return parse?.(JSON.parse(readFileSync(reportPath(name), 'utf8')));
  } catch {
    return undefined;
  }
}

function parseVitest(report: unknown): Counts {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report as Record<string, number>;
  return {
    passed: numPassedTests ?? 0,
    failed: numFailedTests ?? 0,
    skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0),
  };
}

function none(failed: number): Counts {
  return { passed: 0, failed, skipped: 0 };
}
