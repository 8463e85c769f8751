/**
 * `npm run mutate:security [word]`: takes one security check out of the broker at a time and runs the tests that should
 * notice. A check that no test misses is reported as survived, one whose tests could not be run as broken; the run goes on
 * and fails in the end. Nothing is written to any file.
 */
import { join } from 'node:path';
import { startVitest } from 'vitest/node';
import { MUTATIONS, mutate, sourceOf } from './all-mutations.ts';
import type { Mutation } from './mutation.ts';

const BROKER = join(import.meta.dirname, '../..');
process.env['WRANGLER_LOG'] = 'error';
const [word = ''] = process.argv.slice(2);
const chosen = MUTATIONS.filter(({ name, file }) => name.includes(word) || file.includes(word));

/** All of them first: a table that no longer fits the source is worth nothing. */
for (const mutation of MUTATIONS) mutate(mutation, sourceOf(mutation));

type Outcome = 'killed' | 'survived' | 'broken';
const outcomes: { name: string; outcome: Outcome }[] = [];
let imports = 0;
const NOTHING: Omit<Mutation, 'tests'> = { name: 'nothing removed', file: 'src/worker.ts', text: '', by: '' };
const asItIs = { ...NOTHING, tests: [...new Set(chosen.flatMap(({ tests }) => tests))] };
// Once more, for a machine that was busy: a check counts for nothing whose tests fail without it being gone.
if ((await fails(asItIs)) && (await fails(asItIs))) throw new Error('the tests fail as it is');
for (const mutation of chosen) {
  const started = performance.now();
  const outcome = await judge(mutation);
  outcomes.push({ name: mutation.name, outcome });
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
  console.log(`${outcome.padEnd(8)}${seconds} s  ${mutation.name}`);
}
const killed = outcomes.filter(({ outcome }) => outcome === 'killed').length;
console.log(`\n${killed} of ${chosen.length} killed, ${((100 * killed) / chosen.length).toFixed(1)} %`);
for (const { name, outcome } of outcomes) if (outcome !== 'killed') console.log(`${outcome}: ${name}`);
process.exitCode = killed === chosen.length && killed > 0 ? 0 : 1;

async function judge(mutation: Mutation): Promise<Outcome> {
  try {
    return (await fails(mutation)) ? 'killed' : 'survived';
  } catch (error) {
    console.log(String(error));
    return 'broken';
  }
}

async function fails(mutation: Mutation): Promise<boolean> {
  let isMutated = false;
  const plugin = {
    name: 'mutate',
    enforce: 'pre' as const,
    transform(code: string, id: string) {
      if (!id.endsWith(`/broker/${mutation.file}`)) return undefined;
      isMutated = true;
      return mutate(mutation, code);
    },
  };
  const { project } = await importAnew();
  const { plugins = [], test } = project('evicted', ['src/**/*.test.ts']);
  const log = console.log;
  // The pool greets each run by itself.
  console.log = () => undefined;
  const vitest = await startVitest(
    'test',
    mutation.tests.map((test) => `src/${test}.test.ts`),
    {
      ...test,
      config: false,
      root: BROKER,
      watch: false,
      bail: 1,
      fsModuleCache: false,
      reporters: [{}],
      silent: true,
    },
    { plugins: [...plugins, plugin] },
  );
  const files = vitest.state.getFiles();
  const isRed = vitest.state.getCountOfFailedTests() > 0;
  await vitest.close();
  console.log = log;
  if (files.length < mutation.tests.length) throw new Error(`${mutation.name}: a test file is missing`);
  if (!isRed && files.some(({ result }) => result?.state === 'fail')) throw new Error(`${mutation.name}: does not run`);
  if (!isMutated && mutation.text !== '') throw new Error(`${mutation.name}: no test loads ${mutation.file}`);
  return isRed;
}

/** The pool's plugin keeps what it has loaded; a new copy of the configuration has a new one. */
async function importAnew(): Promise<typeof import('../../vitest.config.ts')> {
  imports += 1;
  return import(`../../vitest.config.ts?${imports}`) as Promise<typeof import('../../vitest.config.ts')>;
}
