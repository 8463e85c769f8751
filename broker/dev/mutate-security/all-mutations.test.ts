import { expect, it } from 'vitest';
import { MUTATIONS, mutate, sourceOf } from './all-mutations.ts';

it('every check of the table is still in the source, once', () => {
  for (const mutation of MUTATIONS) expect(mutate(mutation, sourceOf(mutation))).not.toBe(sourceOf(mutation));
});
