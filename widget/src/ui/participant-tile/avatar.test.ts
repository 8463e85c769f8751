import { describe, expect, it } from 'vitest';
import { hueOf, initialsOf } from './avatar.ts';

describe('initialsOf', () => {
  it.each([
    ['Ana Souza', 'AS'],
    ['ana', 'A'],
    ['Lucía Fernández de la Vega', 'LV'],
    ['  Éric   Ö. Ångström ', 'ÉÅ'],
    ['Eun-ji Park', 'EP'],
    ["Conan O'Brien", 'CO'],
    ['नमिता शर्मा', 'नश'],
    ['山田 太郎', '山太'],
    ['محمد علي', 'مع'],
    ['R2 D2', 'RD'],
    ['(Ana) "Nina"', 'AN'],
    ['😀', '😀'],
    ['***', '*'],
    ['', '?'],
  ])('of %j are %j', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});

describe('hueOf', () => {
  it('is the same for the same participant, and spread over the circle', () => {
    const hues = Array.from({ length: 100 }, (_, index) => hueOf(`participant-${index}`));
    expect(hueOf('participant-7')).toBe(hues[7]);
    expect(hues.every((hue) => Number.isInteger(hue) && hue >= 0 && hue < 360)).toBe(true);
    expect(new Set(hues.map((hue) => Math.floor(hue / 60))).size).toBe(6);
  });
});
