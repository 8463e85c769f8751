import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Measured } from './bench-group.ts';

export type Outcome = { name: string; seconds: number; load: number } & (Measured | { failure: string });

/** A run, as it is kept. */
export interface BenchResult {
  at: string;
  isQuick: boolean;
  machine: { processors: number; model: string; node: string };
  outcomes: readonly Outcome[];
}

const FOLDER = new URL('../../../coverage/', import.meta.url);
const WHOLE = new URL('bench.json', FOLDER);
/** Of some groups, or with few repetitions: it must not take the place of a whole one. */
const PART = new URL('bench-part.json', FOLDER);

export function keepResult(outcomes: readonly Outcome[], { isQuick, isWhole }: { isQuick: boolean; isWhole: boolean }) {
  const machine = { processors: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
  const result: BenchResult = { at: new Date().toISOString(), isQuick, machine, outcomes };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(isWhole && !isQuick ? WHOLE : PART, `${JSON.stringify(result, undefined, 2)}\n`);
}

/** The last run of all groups with all repetitions. Throws where there was none. */
export function readWholeResult(): BenchResult {
  if (!existsSync(WHOLE)) throw new Error('There was no whole run yet: "npm run bench" is one.');
  return JSON.parse(readFileSync(WHOLE, 'utf8')) as BenchResult;
}
