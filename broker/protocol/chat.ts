import { CHAT_TEXT_MAX_BYTES } from './limits.ts';
import { ParseError, optional, parseInteger, parseObject, parseString, type Parser } from './parse.ts';
import { parseMemberId } from './participant.ts';

/** What somebody wrote to all, or to one. */
export interface ChatMessage {
  /** Grows with each message of a room, not by one: put in order by it, and know a message again that comes twice. */
  seq: number;
  /** The sender's own id for it. */
  key: string;
  /** Id of the sender. */
  from: string;
  text: string;
  /** Milliseconds since the epoch. */
  sentAt: number;
  /** Id of the one it is for; absent where it is for all. */
  to?: string;
}

// oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused here
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Surrogate}]/u;
const EMOJI = /^(?=.*[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3])[\p{Emoji}\p{Emoji_Component}]{1,16}$/u;

/** Something to read, of 1 byte to 2 KB in UTF-8, in which no control character is but tab and line feed. */
export const parseChatText: Parser<string> = (value, path) => {
  const text = parseString(CHAT_TEXT_MAX_BYTES)(value, path);
  if (text.trim() === '' || UNPRINTABLE.test(text)) throw new ParseError(path, 'text that can be shown');
  if (encodeURIComponent(text).replace(/%../g, 'x').length > CHAT_TEXT_MAX_BYTES)
    throw new ParseError(path, `at most ${CHAT_TEXT_MAX_BYTES} bytes long`);
  return text;
};

/** One emoji, whatever it is made of; a few in a row pass as well. */
export const parseEmoji: Parser<string> = (value, path) => {
  const text = parseString(64)(value, path);
  if (!EMOJI.test(text)) throw new ParseError(path, 'an emoji');
  return text;
};

const parseCount = parseInteger(0, Number.MAX_SAFE_INTEGER);

export const parseChatMessage = parseObject<ChatMessage>({
  seq: parseCount,
  key: parseMemberId,
  from: parseMemberId,
  text: parseString(CHAT_TEXT_MAX_BYTES),
  sentAt: parseCount,
  to: optional(parseMemberId),
});
