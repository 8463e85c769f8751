import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../../..');
const TESTS = '{broker,widget,examples}/**/*.{test,browser-test,e2e}.ts';
/** What the title of a test begins with: `HS9 A22 `, `TK1 to TK12 `. */
const TITLE = /(['"`])((?:[A-Z]{1,2}\d+ (?:to [A-Z]{1,2}\d+ )?)+)/g;
const ID = /([A-Z]{1,2})(\d+)(?: to [A-Z]{1,2}(\d+))?/g;

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The rows of the first table below a heading, cell by cell, as they are written. */
export function readTable(markdown: string, heading: string): string[][] {
  const [, after = ''] = markdown.split(`\n## ${heading}\n`);
  const [section = ''] = after.split('\n## ');
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks. */
export function quoted(text = ''): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

/** The source of the broker that deploys, without its tests. */
export function brokerSource(): string {
  const files = globSync('broker/src/**/*.ts', { cwd: ROOT, exclude: (path) => path.includes('testing') });
  return files.flatMap((file) => (file.endsWith('.test.ts') ? [] : read(file))).join('\n');
}

/** The ids of rules and attacks that titles of tests begin with, and the files that have them. */
export function idsOfTests(prefixes: ReadonlySet<string>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of globSync(TESTS, { cwd: ROOT, exclude: (path) => path.includes('node_modules') }))
    for (const [, , ids = ''] of read(file).matchAll(TITLE))
      for (const id of expand(ids)) {
        if (prefixes.has(id.replace(/\d+/, ''))) found.set(id, (found.get(id) ?? new Set()).add(file));
      }
  return found;
}

function expand(ids: string): string[] {
  return [...ids.matchAll(ID)].flatMap(([, prefix = '', first, last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => `${prefix}${Number(first) + index}`),
  );
}
