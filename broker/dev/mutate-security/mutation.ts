/** One security check, and what stands in its place when it is gone. */
export interface Mutation {
  name: string;
  /** Below `broker/`. */
  file: string;
  /** Occurs once in the file. */
  text: string;
  by: string;
  /** Below `broker/src/`, without `.test.ts`. */
  tests: readonly string[];
}

type Row = readonly [name: string, text: string, by?: string];

/** The mutations of one file, and the tests that are to notice them. */
export const of = (file: string, tests: readonly string[], rows: readonly Row[]): Mutation[] =>
  rows.map(([name, text, by = '']) => ({ name: `${file.replace(/^.*\//, '')}: ${name}`, file, text, by, tests }));
