/** Every bound both sides rely on. Units are in the names. */

export const TOKEN_MAX_BYTES = 4096;
export const TOKEN_MAX_LIFETIME_SECONDS = 24 * 60 * 60;
export const TOKEN_LEEWAY_SECONDS = 60;
export const TOKEN_MAX_KEYS = 4;
/** RFC 7518 section 3.2: an HS256 key has at least as many bits as the hash. */
export const TOKEN_KEY_MIN_BYTES = 32;

export const NAME_MAX_CODE_POINTS = 64;
export const TRACK_NAME_MAX_CHARACTERS = 128;
export const RIDS_MAX = 3;

export const SDP_MAX_BYTES = 512 * 1024;
export const BODY_MAX_BYTES = SDP_MAX_BYTES + 64 * 1024;
/** The SFU refuses more in one call. */
export const TRACKS_PER_CALL_MAX = 64;
export const SOCKET_MESSAGE_MAX_BYTES = 32 * 1024;

export const TICKET_LIFETIME_MS = 30_000;
/** What was made ready is good for a join within this time. */
export const PREPARED_LIFETIME_MS = 120_000;
export const PING_INTERVAL_MS = 10_000;
/** A seat whose socket is gone is kept this long; media is not touched meanwhile. */
export const GRACE_MS = 25_000;
/** A page that said goodbye (reload, tab closed) is kept only this long. */
export const PAGE_HIDE_GRACE_MS = 2_000;
export const PARTICIPANTS_DEFAULT_MAX = 50;
/** In one message. */
export const WATCHED_LAYERS_MAX = 64;
/** So many wait at a time to be admitted. */
export const WAITING_MAX = 50;
export const CHAT_TEXT_MAX_BYTES = 2048;
/** A room holds so many chat messages for those who missed them. */
export const CHAT_RING_MAX = 100;
/** So much may be on its way to a socket before changes are held back. */
export const UNREAD_MAX_MESSAGES = 256;
export const UNREAD_MAX_BYTES = 1024 * 1024;
/** A client that is behind for longer is too slow. */
export const UNREAD_MAX_MS = 30_000;
/** A client acknowledges so many messages at the latest, or what came within this time. */
export const ACK_MESSAGES_MAX = 64;
export const ACK_DELAY_MS = 2_000;
/** Time allowed for one call to the SFU, its body included. */
export const SFU_TIMEOUT_MS = 12_000;
