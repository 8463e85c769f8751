import { isId, parseDisplayName } from '#protocol';
import type { CallSettings } from './call/call.ts';
import type { CallTag } from './compose-call.ts';

/** The attributes as they stand on the tag. One that was taken away is null, and undefined by some frameworks. */
export type TagAttributes = Record<'room' | 'token' | 'tokenUrl' | 'broker' | 'name', string | null | undefined>;

/** What there is beside the tag. */
export interface TagSurroundings {
  /** The page's base URL. */
  base: string;
  /** Where the script came from: its origin is the broker unless the tag names another. */
  scriptUrl: string;
  isSecure: boolean;
  isSupported: boolean;
  /** Does the page give a token by event? Asked only where the tag gives none. */
  pageGivesToken(): boolean;
}

/** The attributes with addresses made absolute; a broken address becomes empty. */
export function readTag(
  { room, token, tokenUrl, broker: address }: TagAttributes,
  { base, scriptUrl }: TagSurroundings,
): CallTag {
  const broker = address ? resolve(address, base) : resolve('/', scriptUrl);
  return {
    room: room ?? '',
    token: token?.trim() ?? '',
    tokenUrl: tokenUrl ? resolve(tokenUrl, base) : '',
    broker: broker.replace(/[?#].*$/, '').replace(/\/+$/, ''),
  };
}

/** What the call takes from the tag, and what makes a call impossible here. */
export function readSettings(attributes: TagAttributes, surroundings: TagSurroundings): CallSettings {
  const tag = readTag(attributes, surroundings);
  return { room: tag.room, name: parseDisplayName(attributes.name ?? '') ?? '', ...findObstacle(tag, surroundings) };
}

type Obstacle = Pick<CallSettings, 'obstacle' | 'detail'>;

function findObstacle(tag: CallTag, { isSecure, isSupported, pageGivesToken }: TagSurroundings): Obstacle {
  const misconfigured = (detail: string): Obstacle => ({ obstacle: 'misconfigured-tag', detail });
  if (!isSecure) return { obstacle: 'insecure-page', detail: '' };
  if (!isSupported) return { obstacle: 'unsupported-browser', detail: '' };
  if (tag.room === '') return misconfigured('the attribute room is missing');
  if (!isId(tag.room)) return misconfigured('room may hold letters, digits and . _ ~ - only, 128 at most');
  if (tag.broker === '') return misconfigured('the attribute broker is missing, or no address');
  if (tag.token === '' && tag.tokenUrl === '' && !pageGivesToken())
    return misconfigured('the attributes token and token-url are missing');
  return { obstacle: '', detail: '' };
}

function resolve(url: string, base: string): string {
  if (!URL.canParse(url, base)) return '';
  const { href, protocol } = new URL(url, base);
  return protocol === 'https:' || protocol === 'http:' ? href : '';
}
