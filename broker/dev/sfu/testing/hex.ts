/** Hex digits in groups, as a packet diagram has them, without the gaps. */
export function hex(groups: string): string {
  return groups.replaceAll(/\s/g, '');
}
