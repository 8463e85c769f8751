/**
 * `npm run contract:live`: asks the real SFU for what the stand-in promises. Environment: REALTIME_APP_ID,
 * REALTIME_APP_TOKEN; REALTIME_API_URL for another address than Cloudflare's, such as that of a running stand-in;
 * TURN_KEY_ID and TURN_KEY_API_TOKEN for the questions about TURN. Ends with 1 where an expectation is not met.
 */
import { fileURLToPath } from 'node:url';
import type { TestCase, Vitest } from 'vitest/node';

const REAL_API_URL = 'https://rtc.live.cloudflare.com/v1';
const CONFIG = fileURLToPath(new URL('../../../../.ci/vitest.config.ts', import.meta.url));
const SUITE = 'broker/dev/sfu/contract.test.ts';

const { REALTIME_API_URL, REALTIME_APP_ID, REALTIME_APP_TOKEN } = process.env;
if (!REALTIME_APP_ID || !REALTIME_APP_TOKEN) {
  console.error(
    'Set REALTIME_APP_ID and REALTIME_APP_TOKEN to an app of Cloudflare Realtime that this may be tried on.',
  );
  process.exit(1);
}
process.env['CONTRACT_API_URL'] = REALTIME_API_URL || REAL_API_URL;
const { startVitest } = await import('vitest/node');
const vitest = await startVitest('test', [SUITE], { config: CONFIG, watch: false, retry: 0 });
const tests = testsOf(vitest);
await vitest.close();
report(tests);
process.exit(tests.length > 0 && tests.every((test) => test.ok()) ? 0 : 1);

function testsOf({ state }: Vitest): TestCase[] {
  return state.getTestModules().flatMap((module) => [...module.children.allTests()]);
}

function report(tests: readonly TestCase[]): void {
  const questions = tests.filter((test) => test.meta().answer !== undefined);
  const unmet = tests.filter((test) => test.result().state === 'failed');
  const violations = new Set(tests.flatMap((test) => test.meta().violations ?? []));
  printList(`Expectations that ${process.env['CONTRACT_API_URL']} does not meet`, unmet.map(describeFailure));
  printList('Calls and answers that do not fit the shapes in schema/', [...violations]);
  printList(
    'Open questions, answered',
    questions.map((test) => `${test.name}: ${test.meta().answer}`),
  );
}

function describeFailure(test: TestCase): string {
  const [error] = test.result().errors ?? [];
  return `${test.fullName}: ${error?.message.split('\n')[0]}`;
}

function printList(title: string, lines: readonly string[]): void {
  console.log(`\n${title}: ${lines.length === 0 ? 'none' : lines.length}`);
  for (const line of lines) console.log(`  - ${line}`);
}
