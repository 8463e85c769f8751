import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { BenchResult } from './bench-result.ts';
import { describeBudget, describeFigure, ratioOf, type Row } from './table.ts';

const README = fileURLToPath(new URL('../../../README.md', import.meta.url));
/** The table stands between these two lines. */
const BEGIN = '<!-- measured: `npm run bench -- --readme` writes this from its last whole run -->';
const END = '<!-- /measured -->';
/** Above it other work was going on, and figures of time are those of the other work. */
const LOAD_MOST_PER_PROCESSOR = 1.5;

/** Writes what was promised and measured into README.md. Throws where the run cannot stand for the project. */
export async function writeReadmeTable(result: BenchResult): Promise<void> {
  const failed = result.outcomes.find((outcome) => 'failure' in outcome);
  if (failed) throw new Error(`${failed.name} failed in the last whole run.`);
  const loud = result.outcomes.find(({ load }) => load > LOAD_MOST_PER_PROCESSOR * result.machine.processors);
  if (loud) throw new Error(`There was other work while ${loud.name} was measured: a load of ${loud.load.toFixed(1)}.`);
  const readme = readFileSync(README, 'utf8');
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md has no place for the table, between ${BEGIN} and ${END}.`);
  const block = `${BEGIN}\n\n${readmeTable(result)}\n`;
  const text = readme.slice(0, begin) + block + readme.slice(end);
  writeFileSync(README, await format(text, { ...(await resolveConfig(README)), filepath: README }));
}

/** Every row that has a budget. */
function readmeTable({ at, machine, outcomes }: BenchResult): string {
  const rows = outcomes.flatMap((outcome) => ('rows' in outcome ? outcome.rows : [])).filter(({ budget }) => budget);
  return [
    '### What was promised, and what was measured',
    '',
    '| promised | measured | beside it | budget |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${[row.what, ...describeRow(row)].join(' | ')} |`),
    '',
    `Measured on ${at.slice(0, 10)} with ${machine.processors} processors, which ran browser, Worker and SFU at once.`,
    '',
  ].join('\n');
}

function describeRow(row: Row): string[] {
  const unit = row.unit ? ` ${row.unit}` : '';
  const beside = row.beside
    ? `${describeFigure(row, row.beside.figure)}${unit}, ${row.beside.what}; ratio ${ratioOf(row).toFixed(2)}`
    : '';
  return [`${describeFigure(row, row.here)}${unit}`, beside, describeBudget(row)];
}
