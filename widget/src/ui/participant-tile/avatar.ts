/** One or two letters for a name: of the first and the last word that begin with a letter or a digit. */
export function initialsOf(name: string): string {
  const words = name.match(/(?<![\p{L}\p{N}])[\p{L}\p{N}]\p{M}*/gu) ?? [];
  const initials = words.length > 1 ? [words[0], words.at(-1)] : words;
  return initials.join('').toLocaleUpperCase() || [...name.trim()][0] || '?';
}

/** A colour that stays with a participant: a hue of 0 to 359. */
export function hueOf(participantId: string): number {
  let hash = 0;
  for (const character of participantId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % 360;
}
