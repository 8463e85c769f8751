import type { Backstage } from './stage.ts';
import type { Row } from './table.ts';

/** Rows that are measured together, and alone by `npm run bench -- <name>`. */
export interface BenchGroup {
  name: string;
  /** What is being done, for who waits. */
  title: string;
  run(context: BenchContext): Promise<Measured>;
}

export interface BenchContext {
  backstage: Backstage;
  /** Few repetitions: to see that it works, not what it costs. */
  isQuick: boolean;
  /** Tells who waits how far it is. */
  progress(sentence: string): void;
}

export interface Measured {
  rows: Row[];
  /** Every single figure, as it is kept. */
  raw: unknown;
  /** What could not be measured on this machine, and why; and what has to be known to read the rows. */
  notes?: string[];
}
