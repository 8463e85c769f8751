import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { buildVectorFile } from './vectors.ts';
import { PATH, spell } from './write.ts';

it('TK1 the file of token vectors is what its script writes', async () => {
  expect(readFileSync(PATH, 'utf8') === (await spell())).toBe(true);
});

it('TK1 each vector has a name of its own', () => {
  const { vectors, misconfigured } = buildVectorFile();
  const ids = [...vectors, ...misconfigured].map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});
