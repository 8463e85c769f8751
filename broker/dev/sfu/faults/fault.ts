import { ParseError, parseInteger, parseOneOf, parseRecord, parseString, type Parser } from '#protocol';
import { OPERATIONS, type Operation } from './operation.ts';

/** Which calls a fault is for. What is left out does not narrow it. */
interface CallScope {
  sessionId?: string;
  operation?: Operation;
  /** So many calls are let through first. */
  after?: number;
  /** It is over after so many calls; without it, it lasts until it is cleared. */
  times?: number;
}

/** Misbehaviour of the HTTP API. */
export type CallFault = CallScope &
  (
    | StatusFault
    | { type: 'delay'; ms: number }
    /** Takes the call, does nothing, never answers. */
    | { type: 'hang' }
    /** Does the work, then cuts the connection without an answer. */
    | { type: 'drop-response' }
  );

export interface StatusFault {
  type: 'status';
  status: number;
  /** An object is sent as JSON, a string as a page; without it, what the API says with this status. */
  body?: object | string;
}

/** One item of `tracks/new` or `tracks/update` fails, the rest of the call is done. `after` and `times` count items. */
export interface TrackFault extends CallScope {
  type: 'track-error';
  trackName: string;
  errorCode: string;
  errorDescription?: string;
}

/** Which packets a fault is for: RTP and RTCP, `up` from the client, `down` to it, both unless given. */
interface PacketScope {
  sessionId?: string;
  direction?: 'up' | 'down';
}

/** Trouble on the way between a client and the SFU. */
export type PacketFault = PacketScope &
  (
    | {
        type: 'loss';
        /** Of the packets: 1 is a silence. */
        share: number;
        /** For the same losses again. */
        seed?: number;
      }
    /** Later by so much, in the same order. */
    | { type: 'latency'; ms: number }
  );

/**
 * No harm in itself: sessions opened while it is set have a relay between client and engine, which alone can go dark. Its
 * cost is why it is asked for; a session keeps its way when the fault is cleared.
 */
export interface RelayFault {
  type: 'relay';
  sessionId?: never;
}

/**
 * The path goes dark both ways, for packets of every kind: no STUN check is answered, so the client's ICE notices. Calls
 * are answered as ever. It is light again when the fault is cleared; the engine itself gives a client up after 30 s. Every
 * session that it is for must have a relay.
 */
export interface BlackoutFault {
  type: 'blackout';
  sessionId?: string;
}

/**
 * Transports die without a word to the client: no packet passes any more, calls are answered 410, and the client's
 * connection goes on to say that it is connected. Cannot be undone.
 */
export interface KillFault {
  type: 'kill';
  sessionId?: string;
}

/** A fault that lasts until it is used up or cleared. */
export type LastingFault = CallFault | TrackFault | PacketFault | RelayFault | BlackoutFault;
export type Fault = LastingFault | KillFault;

const DELAY_MAX_MS = 600_000;
const COUNT_MAX = 1_000_000;
const TEXT_MAX = 65_536;

const ms = parseInteger(0, DELAY_MAX_MS);
const count = parseInteger(0, COUNT_MAX);
const text = parseString(TEXT_MAX);
const name = parseString(TEXT_MAX, /./);

const session = { sessionId: name };
const callScope = { ...session, operation: parseOneOf(...OPERATIONS), after: count, times: count };
const packetScope = { ...session, direction: parseOneOf('up', 'down') };
const parseType = parseOneOf(
  'status',
  'delay',
  'hang',
  'drop-response',
  'track-error',
  'loss',
  'latency',
  'relay',
  'blackout',
  'kill',
);

/** Throws {@link ParseError}, also for a field that the fault does not have: a fault with a slip in it must not do nothing. */
export function parseFault(value: unknown): Fault {
  const { type: given, ...fields } = parseRecord(value, '');
  const type = parseType(given, 'type');
  switch (type) {
    case 'status':
      return { type, ...parseFields(fields, { status: parseInteger(200, 599) }, { ...callScope, body: parseBody }) };
    case 'delay':
      return { type, ...parseFields(fields, { ms }, callScope) };
    case 'hang':
    case 'drop-response':
      return { type, ...parseFields(fields, {}, callScope) };
    case 'track-error': {
      const required = { trackName: name, errorCode: name };
      return { type, ...parseFields(fields, required, { ...callScope, errorDescription: text }) };
    }
    case 'loss': {
      const seed = parseInteger(0, 2 ** 32 - 1);
      return { type, ...parseFields(fields, { share: parseShare }, { ...packetScope, seed }) };
    }
    case 'latency':
      return { type, ...parseFields(fields, { ms }, packetScope) };
    case 'relay':
      return { type, ...parseFields(fields, {}, {}) };
    case 'blackout':
    case 'kill':
      return { type, ...parseFields(fields, {}, session) };
  }
}

type Parsers = Readonly<Record<string, Parser<unknown>>>;
type Required<P extends Parsers> = { [K in keyof P]: ReturnType<P[K]> };

function parseFields<R extends Parsers, O extends Parsers>(
  fields: Readonly<Record<string, unknown>>,
  required: R,
  optional: O,
): Required<R> & Partial<Required<O>> {
  for (const key of Object.keys(fields))
    if (!Object.hasOwn(required, key) && !Object.hasOwn(optional, key)) throw new ParseError(key, 'absent');
  const entries = [
    ...Object.entries(required).map(([key, parse]) => [key, parse(fields[key], key)]),
    ...Object.entries(optional).flatMap(([key, parse]) =>
      fields[key] === undefined ? [] : [[key, parse(fields[key], key)]],
    ),
  ];
  return Object.fromEntries(entries) as Required<R> & Partial<Required<O>>;
}

function parseBody(value: unknown, path: string): object | string {
  return typeof value === 'string' ? text(value, path) : parseRecord(value, path);
}

function parseShare(value: unknown, path: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw new ParseError(path, 'a number from 0 to 1');
  return value;
}
