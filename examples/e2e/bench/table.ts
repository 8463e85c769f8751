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
  const show = (figure: Figure) => middle(figure).toFixed(digits);
  const spread = (figure: Figure) =>
    typeof figure === 'number' || figure.length < 2
      ? ''
      : `${Math.min(...figure).toFixed(digits)} … ${Math.max(...figure).toFixed(digits)}`;
  return [
    name,
    show(here),
    spread(here),
    beside ? show(beside.figure) : '',
    beside ? spread(beside.figure) : '',
    beside ? ratioOf(row).toFixed(2) : '',
    formatBudget(row),
  ];
}

function formatBudget(row: Row): string {
  const { budget } = row;
  if (!budget) return '';
  const limits = [budget.most !== undefined && `≤ ${budget.most}`, budget.least !== undefined && `≥ ${budget.least}`];
  return `${limits.filter(Boolean).join(', ')} ${keepsBudget(row) ? 'kept' : 'MISSED'}`;
}

function ratioOf({ here, beside }: Row): number {
  return beside ? middle(here) / middle(beside.figure) : NaN;
}

function middle(figure: Figure): number {
  return typeof figure === 'number' ? figure : median(figure);
}
