import { median } from './median.ts';

/** One figure, or one of each repetition. */
export type Figure = number | readonly number[];

/** A row of the table. */
export interface Row {
  what: string;
  unit?: string;
  /** Digits behind the point; 0 where absent. */
  digits?: number;
  here: Figure;
  /** What it was measured beside, in the same run. */
  beside?: { what: string; figure: Figure };
  /** What `here`, or its ratio to `beside`, is at most or at least to be. */
  budget?: { of: 'here' | 'ratio'; most?: number; least?: number };
}

/** Prints medians, with the least and the most where a row was measured several times. */
export function formatTable(rows: readonly Row[]): string {
  const header = ['what', 'here', 'least … most', 'beside', 'least … most', 'ratio', 'budget'];
  const cells = [header, ...rows.map(formatRow)];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const isText = (column: number) => column === 0 || column === 6;
  return cells
    .map((row) =>
      row
        .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Undefined where the row has no budget. */
export function keepsBudget(row: Row): boolean | undefined {
  if (!row.budget) return undefined;
  const value = row.budget.of === 'here' ? middle(row.here) : ratioOf(row);
  return value <= (row.budget.most ?? Infinity) && value >= (row.budget.least ?? -Infinity);
}

function formatRow(row: Row): string[] {
  const { what, unit, digits = 0, here, beside } = row;
  const name = [what, unit && `, ${unit}`, beside && `; beside: ${beside.what}`].filter(Boolean).join('');
  const spread = (figure: Figure) =>
    typeof figure === 'number' || figure.length < 2
      ? ''
      : `${Math.min(...figure).toFixed(digits)} … ${Math.max(...figure).toFixed(digits)}`;
  return [
    name,
    describeFigure(row, here),
    spread(here),
    beside ? describeFigure(row, beside.figure) : '',
    beside ? spread(beside.figure) : '',
    beside ? ratioOf(row).toFixed(2) : '',
    describeBudget(row),
  ];
}

/** A row's figure as it is printed: the median. */
export function describeFigure({ digits = 0 }: Row, figure: Figure): string {
  return middle(figure).toFixed(digits);
}

/** What was allowed, and whether it was kept; empty where the row has no budget. */
export function describeBudget(row: Row): string {
  const { budget } = row;
  if (!budget) return '';
  const show = (limit: number) => String(Math.round(limit * 100) / 100);
  const limits = [
    budget.most !== undefined && `≤ ${show(budget.most)}`,
    budget.least !== undefined && `≥ ${show(budget.least)}`,
  ];
  const of = budget.of === 'ratio' ? ', as a ratio' : '';
  return `${limits.filter(Boolean).join(', ')}${of}: ${keepsBudget(row) ? 'kept' : 'MISSED'}`;
}

/** Of `here` to what it was measured beside; NaN where that is nothing. */
export function ratioOf({ here, beside }: Row): number {
  return beside ? middle(here) / middle(beside.figure) : NaN;
}

function middle(figure: Figure): number {
  return typeof figure === 'number' ? figure : median(figure);
}
