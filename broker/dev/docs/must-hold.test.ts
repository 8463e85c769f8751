import { globSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ROOT, quoted, read, readTable } from './tables.ts';

/** What the broker has to survive, by the number it has in the list of faults that it shares with the client. */
const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 20, 25, 26, 27, 28, 29, 30, 31, 43, 44];
NUMBERS.push(45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 66, 67, 68);

const rows = readTable(read('broker/README.md'), 'What must hold');
const files = globSync('{broker,examples}/**/*.{test,e2e}.ts', {
  cwd: ROOT,
  exclude: (path) => path.includes('node_modules'),
});

it('the README’s list of what must hold is whole, in order', () => {
  expect(rows.flatMap(([number]) => (number ? [Number(number)] : []))).toEqual(NUMBERS);
});

it('what must hold is shown by tests that there are: each file has a test of that title', () => {
  const missing = rows.filter(([, , file, title = '']) => {
    const [name = ''] = quoted(file);
    const found = files.filter((path) => path.includes(`/${name}.`));
    return (
      title === '' ||
      found.length !== 1 ||
      !["'", '`'].some((quote) => read(found[0]!).includes(`${quote}${title}${quote}`))
    );
  });
  expect(missing).toEqual([]);
});
