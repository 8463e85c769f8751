import { parseJson, parseRecord } from '#protocol';

/** Every waiting time the SFU has. Tests shorten the first group; the second belongs to the media and stays. */

/** What a caller of the API can feel. Milliseconds. */
export interface Timings {
  /** A call that needs the transport waits this long for it, then 425. */
  connectWaitMs: number;
  /** No packet for this long: to a new subscriber the track is silent. Longer than the gaps of a one-frame-a-second source. */
  trackQuietMs: number;
  /** A pull of a known track that is silent waits this long for a packet, then `empty_track_error`. */
  emptyTrackMs: number;
  /** A published track without a packet for this long is collected, for everyone who pulls it. */
  silentTrackMs: number;
  /** A session that lost its transport may come back for this long. */
  lostSessionMs: number;
  /** A session that never connected is forgotten after this long. The real figure is not published. */
  unusedSessionMs: number;
  /** An offer of the SFU without an answer for this long ends the session. The real figure is not published. */
  answerDeadlineMs: number;
  /** A subscriber with `waitForAck` has this long for its first message, then its data channel ends. */
  ackWaitMs: number;
  /** A subscriber with `priorityOrdering` whose path has room for this long gets a better layer again; each fall doubles it. */
  riseAfterMs: number;
}

export const DEFAULT_TIMINGS: Readonly<Timings> = {
  connectWaitMs: 5_000,
  trackQuietMs: 3_000,
  emptyTrackMs: 8_000,
  silentTrackMs: 30_000,
  lostSessionMs: 30_000,
  unusedSessionMs: 60_000,
  answerDeadlineMs: 15_000,
  ackWaitMs: 30_000,
  riseAfterMs: 4_000,
};

/** Out of JSON such as `{"lostSessionMs":500}`. Throws a sentence that says what is wrong. */
export function parseTimings(text: string): Partial<Timings> {
  const wrong = new TypeError(`TIMINGS must be JSON with some of ${Object.keys(DEFAULT_TIMINGS).join(', ')}.`);
  try {
    const given = parseRecord(parseJson(text), 'TIMINGS');
    const isKnown = Object.entries(given).every(([key, ms]) => key in DEFAULT_TIMINGS && Number.isInteger(ms));
    if (isKnown) return given;
  } catch {
    throw wrong;
  }
  throw wrong;
}

/** More calls than this in one second on one session: 429. */
export const CALLS_PER_SECOND_MAX = 50;

/** No packet for this long: a simulcast layer is off. */
export const LAYER_QUIET_MS = 1_500;

/** Of a second's packets: from here a subscriber's path does not carry the layer, and up to here it has room. */
export const LOSS_HEAVY = 0.1;
export const LOSS_CALM = 0.02;
/** Falls do not double the wait for a better layer beyond this. */
export const RISE_AFTER_MAX_MS = 60_000;

/** Feedback, repeated key-frame requests and collection are looked at this often. */
export const TICK_MS = 50;
export const RECEIVER_REPORT_MS = 1_000;
/** Browsers ignore a key-frame request this soon after a key frame, so asking faster gains nothing. */
export const KEY_FRAME_REQUEST_MS = 300;
export const NACK_INTERVAL_MS = 50;
export const NACK_LIFETIME_MS = 1_000;
export const NACK_TRIES_MAX = 10;
export const BITRATE_WINDOW_MS = 500;
