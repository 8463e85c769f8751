/**
 * `npm run bench`: one table, and every figure behind it in coverage/bench.json. `npm run bench -- join client` measures
 * these groups alone, `--quick` with few repetitions; `--readme` measures nothing, and writes the last whole run into
 * README.md. Ends with 1 where something could not be measured.
 */
import { loadavg } from 'node:os';
import type { BenchGroup } from './bench-group.ts';
import { keepResult, readWholeResult, type Outcome } from './bench-result.ts';
import { brokerLoadGroup } from './broker-load.ts';
import { brokerRateGroup } from './broker-rate.ts';
import { callsGroup } from './calls-group.ts';
import { clientGroup } from './client-group.ts';
import { egressGroup } from './egress-group.ts';
import { joinGroup } from './join-group.ts';
import { leaksGroup } from './leaks-group.ts';
import { writeReadmeTable } from './readme-table.ts';
import { recoveryGroup } from './recovery-group.ts';
import { scriptSizeGroup } from './script-size.ts';
import { sfuLoadGroup } from './sfu-load.ts';
import { Backstage } from './stage.ts';
import { formatTable, keepsBudget } from './table.ts';
import { tilesGroup } from './tiles-group.ts';

const GROUPS: readonly BenchGroup[] = [
  scriptSizeGroup,
  joinGroup,
  callsGroup,
  tilesGroup,
  recoveryGroup,
  egressGroup,
  clientGroup,
  leaksGroup,
  brokerRateGroup,
  brokerLoadGroup,
  sfuLoadGroup,
];
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const isQuick = process.argv.includes('--quick');
const unknown = wanted.filter((name) => !GROUPS.some((group) => group.name === name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}; there is ${GROUPS.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}

if (process.argv.includes('--readme')) {
  await writeReadmeTable(readWholeResult());
  process.exit();
}

const backstage = new Backstage();
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    isInterrupted = true;
    void backstage.close().finally(() => process.exit(1));
  });

const outcomes: Outcome[] = [];
for (const group of GROUPS) {
  if (isInterrupted || (wanted.length > 0 && !wanted.includes(group.name))) continue;
  outcomes.push(await measure(group));
}
await backstage.close();
report();
process.exit(outcomes.some((outcome) => 'failure' in outcome) ? 1 : 0);

/** A group that fails costs its rows, not the others'. */
async function measure({ name, title, run }: BenchGroup): Promise<Outcome> {
  const start = performance.now();
  console.error(`${name}: ${title} …`);
  const end = () => ({ name, seconds: (performance.now() - start) / 1000, load: loadavg()[0]! });
  const progress = (sentence: string) => console.error(`  ${sentence}`);
  try {
    const measured = await run({ backstage, isQuick, progress });
    return { ...end(), ...measured };
  } catch (error) {
    if (!isInterrupted) console.error(backstage.lastLines.join('\n'), error);
    return { ...end(), failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function report(): void {
  keepResult(outcomes, { isQuick, isWhole: outcomes.length === GROUPS.length });
  const rows = outcomes.flatMap((outcome) => ('rows' in outcome ? outcome.rows : []));
  console.log(formatTable(rows));
  const missed = rows.filter((row) => keepsBudget(row) === false).map(({ what }) => what);
  const kept = rows.filter(keepsBudget).length;
  console.log(`budgets: ${kept} kept, ${missed.length} missed${missed.length > 0 ? `: ${missed.join('; ')}` : ''}`);
  for (const outcome of outcomes) {
    if ('failure' in outcome) console.log(`${outcome.name}: FAILED, ${outcome.failure.split('\n')[0]}`);
    else for (const note of outcome.notes ?? []) console.log(`${outcome.name}: ${note}`);
  }
  const times = outcomes.map(({ name, seconds, load }) => `${name} ${seconds.toFixed(0)} s (load ${load.toFixed(1)})`);
  const total = outcomes.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`measured in ${total.toFixed(0)} s: ${times.join(', ')}`);
}
