import { describe, expect, it } from 'vitest';
import { quoted, read, readTable } from './tables.ts';

/** What a client has to survive, by the number it has in the list of faults that it shares with the broker. */
const NUMBERS = [13, 15, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29];
NUMBERS.push(32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 55, 57, 58, 59, 60, 61, 62, 63, 64, 68);

const rows = readTable(read('widget/README.md'), 'What a call survives');

describe('what the widget’s README says that a call survives', () => {
  it('is the whole list, in order', () => {
    expect(rows.flatMap(([number]) => (number ? [Number(number)] : []))).toEqual(NUMBERS);
  });

  it('is shown by tests that there are: each file has a test of that title', () => {
    const named = rows.map(([, , file, title = '']) => [quoted(file)[0] ?? '', title] as const);
    expect(named.length).toBeGreaterThan(NUMBERS.length);
    const missing = named.filter(([file, title]) => {
      const source = read(file.startsWith('e2e/') ? `examples/${file}` : `widget/src/${file}`);
      return title === '' || !["'", '`'].some((quote) => source.includes(`${quote}${title}${quote},`));
    });
    expect(missing).toEqual([]);
  });
});
