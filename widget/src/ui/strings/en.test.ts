import { describe, expect, it } from 'vitest';
import { en } from './en.ts';

describe('the English texts', () => {
  it.each(Object.entries(en.errors))('explain %s: what happened, and the way on', (_code, { title, text }) => {
    expect(title).toMatch(/^[A-Z][^.]+[^.\s]$/);
    expect(text).toMatch(/^[A-Z].+\.$/);
  });

  it('name up to three people, and count the others', () => {
    expect(en.joined(['Ana'])).toBe('Ana joined');
    expect(en.joined(['Ana', 'Ben'])).toBe('Ana and Ben joined');
    expect(en.gone(['Ana', 'Ben', 'Cleo'])).toBe('Ana, Ben and Cleo left');
    expect(en.joined(['Ana', 'Ben', 'Cleo', 'Dan', 'Eve'])).toBe('Ana, Ben and 3 others joined');
  });

  it('do not take a comma in a name for the end of it', () => {
    expect(en.joined(['Souza, Ana'])).toBe('Souza, Ana joined');
    expect(en.joined(['Souza, Ana', 'Ben'])).toBe('Souza, Ana and Ben joined');
  });
});
