/** One or two letters for a name: of the first and the last word that has a letter or a digit. */
export function initialsOf(name: string): string {
  const letters = name.split(/\s+/).flatMap((word) => word.match(/[\p{L}\p{N}]/u)?.[0] ?? []);
  const initials = letters.length > 1 ? [letters[0], letters.at(-1)] : letters;
  return initials.join('').toUpperCase() || [...name.trim()][0] || '?';
}

/** A colour that stays with a participant: a hue of 0 to 359. */
export function hueOf(participantId: string): number {
  let hash = 0;
  for (const character of participantId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % 360;
}
