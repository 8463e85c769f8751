import { parseArray, parseBoolean, parseObject, parseOneOf } from './parse.ts';
import { PublishGrant, type Grants } from './room-token.ts';

const parsePublish = parseArray(parseOneOf(...Object.values(PublishGrant)), Object.keys(PublishGrant).length);

/** What somebody may do, as a broker says it. */
export const parseGrants = parseObject<Grants>({
  publish: parsePublish,
  subscribe: isTrue,
  chat: isTrue,
  moderate: isTrue,
});

/** What somebody is to be granted, as a moderator says it: all of it. */
export const parseWholeGrants = parseObject<Grants>({
  publish: parsePublish,
  subscribe: parseBoolean,
  chat: parseBoolean,
  moderate: parseBoolean,
});

/** A right that an older broker does not know is not granted. */
function isTrue(value: unknown): boolean {
  return value === true;
}
