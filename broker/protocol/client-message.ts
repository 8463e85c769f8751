import { parseChatText, parseEmoji } from './chat.ts';
import { parseWholeGrants } from './grants.ts';
import { SOCKET_MESSAGE_MAX_BYTES, WATCHED_LAYERS_MAX } from './limits.ts';
import {
  ParseError,
  optional,
  orEmpty,
  parseArray,
  parseBoolean,
  parseInteger,
  parseJson,
  parseObject,
  parseRecord,
} from './parse.ts';
import {
  parseHandle,
  parseLiveTracks,
  parseMemberId,
  parseRid,
  parseSource,
  type LiveTrack,
  type Source,
} from './participant.ts';
import type { Grants } from './room-token.ts';

/** What a client says over the socket. */
export type ClientMessage =
  /** First message, and again on a gap: what I know of the roster, and the `seq` of the last chat message I have. */
  | { type: 'hello'; protocol: number; epoch: string; rev: number; chat?: number }
  /** So many messages have reached me over this socket, `pong` aside: nothing is to pile up on the way. */
  | { type: 'ack'; received: number }
  /** All my tracks whose packets flow, of one session of mine; replaces whatever I announced before. */
  | { type: 'tracks'; sessionId: string; tracks: LiveTrack[] }
  /** The layer of somebody's camera that I watch, for each of whom that has changed; an empty rid: none. */
  | { type: 'layers'; layers: readonly WatchedLayer[] }
  /** I go. With `mayReturn` the seat is kept for the time a reload takes. */
  | { type: 'leave'; mayReturn: boolean }
  /** To all, or to one. `key` is mine: a message sent again under it is not shown again. */
  | { type: 'chat'; key: string; text: string; to?: string }
  | { type: 'react'; emoji: string }
  /** My hand, up or down. With an id, and `raised` false, somebody else's, which needs `moderate`, as does all that follows. */
  | { type: 'hand'; raised: boolean; id?: string }
  /** Somebody has to go, and does not return with a token of before. */
  | { type: 'remove'; id: string }
  /** Somebody, or without an id everybody else, is to show or sound nothing. They may unmute themselves. */
  | { type: 'mute'; id?: string; source: Source }
  /** Somebody who waits, or without an id everybody who does, may come in. */
  | { type: 'admit'; id?: string }
  /** Somebody who waits may not, nor with a token of before. */
  | { type: 'refuse'; id: string }
  /** Nobody new comes in any more, or again. */
  | { type: 'lock'; locked: boolean }
  /** What somebody may do from now on, all of it. What is taken away ends at once. */
  | { type: 'grant'; id: string; grants: Grants }
  /** The call is over for all. */
  | { type: 'end' };

export interface WatchedLayer {
  id: string;
  rid: string;
}

type Fields<T extends ClientMessage['type']> = Omit<Extract<ClientMessage, { type: T }>, 'type'>;

const parseCount = parseInteger(0, Number.MAX_SAFE_INTEGER);
const parseProtocol = parseInteger(0, 1_000_000);

const parseWatchedLayer = parseObject<WatchedLayer>({ id: parseMemberId, rid: orEmpty(parseRid) });

const PARSERS: { readonly [T in ClientMessage['type']]: (value: unknown) => Fields<T> } = {
  hello: parseObject<Fields<'hello'>>({
    protocol: parseProtocol,
    epoch: orEmpty(parseMemberId),
    rev: parseCount,
    chat: optional(parseCount),
  }),
  ack: parseObject<Fields<'ack'>>({ received: parseCount }),
  tracks: parseObject<Fields<'tracks'>>({ sessionId: parseHandle, tracks: parseLiveTracks }),
  layers: parseObject<Fields<'layers'>>({ layers: parseArray(parseWatchedLayer, WATCHED_LAYERS_MAX) }),
  leave: parseObject<Fields<'leave'>>({ mayReturn: parseBoolean }),
  chat: parseObject<Fields<'chat'>>({ key: parseMemberId, text: parseChatText, to: optional(parseMemberId) }),
  react: parseObject<Fields<'react'>>({ emoji: parseEmoji }),
  hand: parseObject<Fields<'hand'>>({ raised: parseBoolean, id: optional(parseMemberId) }),
  remove: parseObject<Fields<'remove'>>({ id: parseMemberId }),
  mute: parseObject<Fields<'mute'>>({ id: optional(parseMemberId), source: parseSource }),
  admit: parseObject<Fields<'admit'>>({ id: optional(parseMemberId) }),
  refuse: parseObject<Fields<'refuse'>>({ id: parseMemberId }),
  lock: parseObject<Fields<'lock'>>({ locked: parseBoolean }),
  grant: parseObject<Fields<'grant'>>({ id: parseMemberId, grants: parseWholeGrants }),
  end: () => ({}),
};

/** Parses one text frame. Throws {@link ParseError}. */
export function parseClientMessage(text: string): ClientMessage {
  if (text.length > SOCKET_MESSAGE_MAX_BYTES)
    throw new ParseError('message', `at most ${SOCKET_MESSAGE_MAX_BYTES} bytes`);
  const record = parseRecord(parseJson(text, 'message'), 'message');
  const { type } = record;
  if (!isType(type)) throw new ParseError('type', `one of ${Object.keys(PARSERS).join(', ')}`);
  return { type, ...PARSERS[type](record) } as ClientMessage;
}

function isType(value: unknown): value is ClientMessage['type'] {
  return typeof value === 'string' && Object.hasOwn(PARSERS, value);
}
