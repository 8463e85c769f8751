import { integer, list, maybe, record, text, type Shape } from './shape.ts';

/** Two days: credentials may not live longer. */
export const TURN_TTL_MAX_SECONDS = 48 * 60 * 60;

const urls = list(text(/^(stun|turns?):\S+$/), { min: 1 });
const relay = record({ urls, username: text(/./), credential: text(/./) });

export const turnRequest: Shape = record({ ttl: integer(1, TURN_TTL_MAX_SECONDS) }, { customIdentifier: text() });

/** Goes into `new RTCPeerConnection` as it is: the first entry is STUN, the second TURN. */
export const iceServersAnswer: Shape = record({
  iceServers: (value, path, report) => {
    list(record({ urls }, { username: text(), credential: text() }), { min: 2, max: 2 })(value, path, report);
    if (Array.isArray(value)) relay(value[1], `${path}[1]`, report);
  },
});

/** The older operation: one object in place of the list. */
export const iceServerAnswer: Shape = record({ iceServers: relay });

export const revokeRequest: Shape = maybe(record({}));
