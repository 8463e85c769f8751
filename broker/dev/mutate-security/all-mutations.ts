import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BACKEND_MUTATIONS } from './backend-mutations.ts';
import { DOOR_MUTATIONS } from './door-mutations.ts';
import { MEDIA_MUTATIONS } from './media-mutations.ts';
import type { Mutation } from './mutation.ts';
import { ROOM_MUTATIONS } from './room-mutations.ts';
import { TOKEN_MUTATIONS } from './token-mutations.ts';

export const MUTATIONS = [
  ...TOKEN_MUTATIONS,
  ...DOOR_MUTATIONS,
  ...ROOM_MUTATIONS,
  ...MEDIA_MUTATIONS,
  ...BACKEND_MUTATIONS,
];

export function sourceOf({ file }: Mutation): string {
  return readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
}

/** The source without the check. Throws where the source no longer has it, exactly once. */
export function mutate({ name, file, text, by }: Mutation, source: string): string {
  if (text === '') return source;
  const count = source.split(text).length - 1;
  if (count !== 1) throw new Error(`${name}: ${file} has this ${count} times, not once: ${text}`);
  return source.replace(text, () => by);
}
