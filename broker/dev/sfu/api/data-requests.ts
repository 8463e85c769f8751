import {
  compact,
  ParseError,
  parseBoolean,
  parseInteger,
  parseOneOf,
  parseOptional,
  parseRecord,
  parseString,
  type SessionDescription,
} from '#protocol';
import type { ChannelPolicy } from '../transport/raw-transport.ts';
import { refusal } from './api-error.ts';
import { decode } from './decode.ts';
import { parseDescriptionOf, parseItems } from './requests.ts';

/** The API's DataChannelObject. */
export interface ChannelRequest {
  location: 'local' | 'remote';
  dataChannelName: string;
  sessionId?: string;
  policy: ChannelPolicy;
  waitForAck: boolean;
  canReply?: boolean;
}

/** What the transport comes with; the API lets nothing else be named in its place. */
export const SERVER_EVENTS = 'server-events';

const TEXT_MAX = 1024;
const LIMIT_MAX = 65_535;
const ID_MAX = 65_534;
const parseName = parseString(TEXT_MAX, /./);
const parseLimit = parseInteger(0, LIMIT_MAX);

/** The offer of `datachannels/establish`, where it has one. */
export function parseEstablish(body: unknown): SessionDescription | undefined {
  return decode(() => {
    const record = parseRecord(body, 'body');
    const channel = parseRecord(record['dataChannel'], 'dataChannel');
    parseOneOf('remote')(channel['location'], 'dataChannel.location');
    if (parseName(channel['dataChannelName'], 'dataChannel.dataChannelName') !== SERVER_EVENTS)
      throw refusal.invalid(`Only ${SERVER_EVENTS} can be pulled here`);
    return parseOptional(record, 'sessionDescription', () => parseDescriptionOf(record, 'offer'));
  });
}

export function parseChannels(body: unknown): ChannelRequest[] {
  return parseChannelItems(body, parseChannel);
}

export function parseChannelUpdates(body: unknown): (ChannelRequest & { sessionId: string; canReply: boolean })[] {
  return parseChannelItems(body, (item) => {
    const channel = parseChannel(item);
    parseOneOf('remote')(channel.location, 'location');
    return {
      ...channel,
      sessionId: parseName(channel.sessionId, 'sessionId'),
      canReply: parseBoolean(channel.canReply, 'canReply'),
    };
  });
}

export function parseChannelIds(body: unknown): number[] {
  return parseChannelItems(body, (item) => parseInteger(0, ID_MAX)(parseRecord(item, '')['id'], 'id'));
}

function parseChannelItems<T>(body: unknown, parseItem: (item: unknown) => T): T[] {
  return decode(() => {
    const items = parseItems(parseRecord(body, 'body'), parseItem, 'dataChannels');
    if (items.length === 0) throw new ParseError('dataChannels', 'present');
    return items;
  });
}

function parseChannel(item: unknown): ChannelRequest {
  const record = parseRecord(item, '');
  const location = parseOneOf('local', 'remote')(record['location'], 'location');
  const maxRetransmits = parseOptional(record, 'maxRetransmits', parseLimit);
  const maxPacketLifeTime = parseOptional(record, 'maxPacketLifeTime', parseLimit);
  if (maxRetransmits !== undefined && maxPacketLifeTime !== undefined)
    throw refusal.invalid('maxRetransmits and maxPacketLifeTime exclude each other');
  const ordered = parseOptional(record, 'ordered', parseBoolean) ?? true;
  const isRemote = location === 'remote';
  return compact({
    location,
    dataChannelName: parseName(record['dataChannelName'], 'dataChannelName'),
    sessionId: isRemote ? parseName(record['sessionId'], 'sessionId') : undefined,
    policy: compact({ ordered, maxRetransmits, maxPacketLifeTime }),
    waitForAck: parseOptional(record, 'waitForAck', parseBoolean) ?? false,
    canReply: parseOptional(record, 'canReply', parseBoolean),
  });
}
