import { CHAT_RING_MAX, type IceServer } from '#protocol';
import { log } from './log.ts';
import { parseOrigins, type OriginRule } from './origins.ts';
import { refuse } from './refusal.ts';
import { parseSecureUrl } from './secure-url.ts';
import { importTokenKeys, type TokenKeys } from './token/token-keys.ts';
import { parseWebhookTarget, type WebhookTarget } from './webhooks/webhook-target.ts';

/** Where an app on the SFU, or a TURN key, is and what opens it. Never leaves the broker. */
export interface SfuAccess {
  /** Up to and including the id, without a slash at the end. */
  baseUrl: string;
  token: string;
}

/** The environment, checked. */
export interface Config {
  sfu: SfuAccess;
  keys: TokenKeys;
  origins: OriginRule;
  /** Without TURN. */
  iceServers: IceServer[];
  turn: SfuAccess | undefined;
  webhooks: WebhookTarget | undefined;
}

/** What an owner may add to wrangler.toml, and secrets that the room looks at by itself. */
export interface OptionalBindings {
  RATE_LIMITER?: RateLimit;
  WEBHOOK_URL?: string;
  CHAT_HISTORY?: string;
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const TOKEN = /^[\x21-\x7e]{1,512}$/;
const REALTIME_HOST = 'rtc.live.cloudflare.com';
const STUN: IceServer = { urls: ['stun:stun.cloudflare.com:3478'] };

let known: { source: string; config: Promise<Config> } | undefined;

/**
 * The environment, checked. With anything weak or missing every call is refused with `misconfigured`; only the log says
 * why.
 */
export async function readConfig(env: object): Promise<Config> {
  try {
    return await load(env);
  } catch (error) {
    log('misconfigured', { reason: error instanceof Error ? error.message : 'unknown' });
    throw refuse('misconfigured');
  }
}

/** Which pages may read answers. All of them, where that is not set up right: they are to see that it is not. */
export function readOrigins(env: object): Promise<OriginRule> {
  return load(env)
    .then(({ origins }) => origins)
    .catch(() => 'any' as const);
}

/** How many chat messages of before a newcomer may read: 0 where nothing is set; undefined where it is not a count. */
export function readChatHistory(text = ''): number | undefined {
  const count = Number(text);
  return Number.isInteger(count) && count >= 0 && count <= CHAT_RING_MAX ? count : undefined;
}

/** Checks once per isolate and set of values. */
function load(env: object): Promise<Config> {
  const values = Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const source = JSON.stringify(values);
  if (known?.source !== source) known = { source, config: check(new Map(values)) };
  return known.config;
}

async function check(values: ReadonlyMap<string, string>): Promise<Config> {
  const read = (name: string) => values.get(name) ?? '';
  const { href, hostname, search } = parseSecureUrl(read('REALTIME_API_URL'), 'REALTIME_API_URL');
  if (search) throw new Error('REALTIME_API_URL must be a plain base URL');
  const api = href.replace(/\/+$/, '');
  const access = (path: string, id: string, token: string): SfuAccess => {
    const [idText, tokenText] = [read(id), read(token)];
    if (!ID.test(idText)) throw new Error(`${id} is missing or malformed`);
    if (!TOKEN.test(tokenText)) throw new Error(`${token} is missing or malformed`);
    return { baseUrl: `${api}/${path}/${idText}`, token: tokenText };
  };
  if (readChatHistory(read('CHAT_HISTORY')) === undefined)
    throw new Error(`CHAT_HISTORY must be a number from 0 to ${CHAT_RING_MAX}`);
  const hasTurn = read('TURN_KEY_ID') !== '' || read('TURN_KEY_API_TOKEN') !== '';
  return {
    sfu: access('apps', 'REALTIME_APP_ID', 'REALTIME_APP_TOKEN'),
    turn: hasTurn ? access('turn/keys', 'TURN_KEY_ID', 'TURN_KEY_API_TOKEN') : undefined,
    keys: await importTokenKeys(read('ROOM_TOKEN_KEYS')),
    origins: parseOrigins(read('ALLOWED_ORIGINS')),
    webhooks: await parseWebhookTarget(read('WEBHOOK_URL'), read('WEBHOOK_SECRET')),
    // A stand-in is reached without help, and nothing is to leave the machine.
    iceServers: hostname === REALTIME_HOST ? [STUN] : [],
  };
}
