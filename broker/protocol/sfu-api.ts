/**
 * The SFU calls this project makes, in the SFU's own shapes. The broker offers the same paths and bodies under
 * `/rooms/{room}`, with handles in place of session ids. Source: the OpenAPI file of Cloudflare Realtime, 2024-05-21.
 */
import { SDP_MAX_BYTES, TRACKS_PER_CALL_MAX } from './limits.ts';
import {
  compact,
  optional,
  parseArray,
  parseBoolean,
  parseExactRecord,
  parseObject,
  parseOneOf,
  parseOptional,
  parseOr,
  parseString,
} from './parse.ts';
import { parseHandle, parseRid, parseTrackName } from './participant.ts';

export interface SessionDescription {
  type: 'offer' | 'answer';
  /** Ends in CRLF, or the SFU refuses it. */
  sdp: string;
}

export interface Simulcast {
  preferredRid?: string;
  priorityOrdering?: 'none' | 'asciibetical';
  ridNotAvailable?: 'none' | 'asciibetical';
}

export interface LocalTrackRequest {
  location: 'local';
  mid: string;
  trackName: string;
}

export interface RemoteTrackRequest {
  location: 'remote';
  /** The publisher's session. */
  sessionId: string;
  trackName: string;
  /** The receiving transceiver to use; chosen by the SFU where absent. */
  mid?: string;
  simulcast?: Simulcast;
}

export type TrackRequest = LocalTrackRequest | RemoteTrackRequest;

export interface NewSessionResponse {
  sessionId: string;
  sessionDescription?: SessionDescription;
}

/** `POST /sessions/{id}/tracks/new`. All tracks are local, or all are remote. */
export interface NewTracksRequest {
  sessionDescription?: SessionDescription;
  tracks: TrackRequest[];
}

/** One track's result. A failed one has an `errorCode` and an empty `mid`. */
export interface TrackResult {
  mid: string;
  trackName?: string;
  sessionId?: string;
  errorCode?: string;
  errorDescription?: string;
}

export interface TracksResponse {
  requiresImmediateRenegotiation: boolean;
  tracks: TrackResult[];
  sessionDescription?: SessionDescription;
}

export interface RenegotiateRequest {
  sessionDescription: SessionDescription;
}

export interface UpdateTracksRequest {
  tracks: (RemoteTrackRequest & { mid: string })[];
}

export interface CloseTracksRequest {
  tracks: { mid: string }[];
  /** False: the request carries an offer in which the sections are stopped. */
  force: boolean;
  sessionDescription?: SessionDescription;
}

const parseMid = parseString(64, /^[\w#.:~@+-]*$/);
const parseText = parseString(4096);
const SIMULCAST = ['preferredRid', 'priorityOrdering', 'ridNotAvailable'];
/** `kind` is a hint that the SFU does not need here. */
const TRACK = ['location', 'mid', 'trackName', 'sessionId', 'simulcast', 'kind'];

export const parseSessionDescription = parseObject<SessionDescription>({
  type: parseOneOf('offer', 'answer'),
  sdp: parseString(SDP_MAX_BYTES),
});

export function parseSimulcast(value: unknown, path: string): Simulcast {
  const record = parseExactRecord(value, path, SIMULCAST);
  const order = parseOneOf('none', 'asciibetical');
  return compact({
    // The SFU reads an empty rid as "you choose".
    preferredRid: record['preferredRid'] === '' ? '' : parseOptional(record, 'preferredRid', parseRid),
    priorityOrdering: parseOptional(record, 'priorityOrdering', order),
    ridNotAvailable: parseOptional(record, 'ridNotAvailable', order),
  });
}

export function parseTrackRequest(value: unknown, path: string): TrackRequest {
  const record = parseExactRecord(value, path, TRACK, 'bidirectionalMediaStream');
  const location = parseOneOf('local', 'remote')(record['location'], `${path}.location`);
  const trackName = parseTrackName(record['trackName'], `${path}.trackName`);
  if (location === 'local') return { location, mid: parseMid(record['mid'], `${path}.mid`), trackName };
  return compact({
    location,
    sessionId: parseHandle(record['sessionId'], `${path}.sessionId`),
    trackName,
    mid: parseOptional(record, 'mid', parseMid, `${path}.mid`),
    simulcast: parseOptional(record, 'simulcast', parseSimulcast, `${path}.simulcast`),
  });
}

export function parseNewTracksRequest(value: unknown): NewTracksRequest {
  const record = parseExactRecord(value, 'body', ['sessionDescription', 'tracks'], 'autoDiscover');
  return compact({
    sessionDescription: parseOptional(record, 'sessionDescription', parseSessionDescription),
    tracks: parseArray(parseTrackRequest, TRACKS_PER_CALL_MAX)(record['tracks'], 'tracks'),
  });
}

export function parseRenegotiateRequest(value: unknown): RenegotiateRequest {
  const record = parseExactRecord(value, 'body', ['sessionDescription']);
  return { sessionDescription: parseSessionDescription(record['sessionDescription'], 'sessionDescription') };
}

export function parseUpdateTracksRequest(value: unknown): UpdateTracksRequest {
  const record = parseExactRecord(value, 'body', ['tracks']);
  const parseItem = (item: unknown, path: string): RemoteTrackRequest & { mid: string } => {
    const entry = parseExactRecord(item, path, TRACK, 'bidirectionalMediaStream');
    return compact({
      location: parseOneOf('remote')(entry['location'], `${path}.location`),
      sessionId: parseHandle(entry['sessionId'], `${path}.sessionId`),
      trackName: parseTrackName(entry['trackName'], `${path}.trackName`),
      mid: parseMid(entry['mid'], `${path}.mid`),
      simulcast: parseOptional(entry, 'simulcast', parseSimulcast, `${path}.simulcast`),
    });
  };
  return { tracks: parseArray(parseItem, TRACKS_PER_CALL_MAX)(record['tracks'], 'tracks') };
}

export function parseCloseTracksRequest(value: unknown): CloseTracksRequest {
  const record = parseExactRecord(value, 'body', ['tracks', 'force', 'sessionDescription']);
  const parseItem = (item: unknown, path: string) => ({
    mid: parseMid(parseExactRecord(item, path, ['mid'])['mid'], `${path}.mid`),
  });
  return compact({
    tracks: parseArray(parseItem, TRACKS_PER_CALL_MAX)(record['tracks'], 'tracks'),
    force: parseBoolean(record['force'], 'force'),
    sessionDescription: parseOptional(record, 'sessionDescription', parseSessionDescription),
  });
}

export const parseNewSessionResponse = parseObject<NewSessionResponse>({
  sessionId: parseHandle,
  sessionDescription: optional(parseSessionDescription),
});

const parseTrackResult = parseObject<TrackResult>({
  mid: parseOr(parseMid, ''),
  trackName: optional(parseTrackName),
  sessionId: optional(parseHandle),
  errorCode: optional(parseText),
  errorDescription: optional(parseText),
});

/** Parses the answer to `tracks/new`, `tracks/update` and `tracks/close`. */
export const parseTracksResponse = parseObject<TracksResponse>({
  requiresImmediateRenegotiation: parseOr(parseBoolean, false),
  tracks: parseOr(parseArray(parseTrackResult, TRACKS_PER_CALL_MAX), []),
  sessionDescription: optional(parseSessionDescription),
});
