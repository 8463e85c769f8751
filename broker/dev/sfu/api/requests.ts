import {
  compact,
  ParseError,
  parseBoolean,
  parseOneOf,
  parseOptional,
  parseRecord,
  parseString,
  SDP_MAX_BYTES,
  TRACKS_PER_CALL_MAX,
  type SessionDescription,
  type Simulcast,
} from '#protocol';
import { refusal } from './api-error.ts';
import { decode } from './decode.ts';

/** The API's TrackObject: more lenient than what our broker lets through. */
export interface TrackRequest {
  location: 'local' | 'remote';
  trackName: string;
  mid?: string;
  sessionId?: string;
  kind?: 'audio' | 'video';
  bidirectionalMediaStream?: boolean;
  simulcast?: Simulcast;
}

export interface NewTracksBody {
  sessionDescription?: SessionDescription;
  tracks: TrackRequest[];
  autoDiscover: boolean;
}

export interface CloseTracksBody {
  tracks: { mid: string }[];
  force: boolean;
  sessionDescription?: SessionDescription;
}

const TEXT_MAX = 1024;
const parseText = parseString(TEXT_MAX);
const parseName = parseString(TEXT_MAX, /./);

export function parseOffer(body: unknown): SessionDescription {
  return decode(() => parseDescriptionOf(parseRecord(body, 'body'), 'offer'));
}

export function parseAnswer(body: unknown): SessionDescription {
  return decode(() => parseDescriptionOf(parseRecord(body, 'body'), 'answer'));
}

export function parseNewTracks(body: unknown): NewTracksBody {
  return decode(() => {
    const record = parseRecord(body, 'body');
    const autoDiscover = parseOptional(record, 'autoDiscover', parseBoolean) ?? false;
    const sessionDescription = parseOptional(record, 'sessionDescription', () => parseDescriptionOf(record, 'offer'));
    const carriesOffer = sessionDescription !== undefined;
    if (record['tracks'] === undefined && !carriesOffer) throw new ParseError('tracks', 'present');
    const tracks = parseItems(record, (item) => parseTrack(item, carriesOffer));
    return compact({ sessionDescription, tracks, autoDiscover });
  });
}

export function parseUpdateTracks(body: unknown): TrackRequest[] {
  return decode(() => {
    const record = parseRecord(body, 'body');
    if (record['tracks'] === undefined) throw new ParseError('tracks', 'present');
    return parseItems(record, (item) => {
      const track = parseTrack(item, false);
      parseName(track.mid, 'mid');
      parseOneOf('remote')(track.location, 'location');
      return track;
    });
  });
}

export function parseCloseTracks(body: unknown): CloseTracksBody {
  return decode(() => {
    const record = parseRecord(body, 'body');
    const force = parseBoolean(record['force'], 'force');
    const tracks = parseItems(record, (item) => ({ mid: parseName(parseRecord(item, '')['mid'], 'mid') }));
    if (tracks.length === 0) throw new ParseError('tracks', 'present');
    if (force) return { force, tracks };
    return { force, tracks, sessionDescription: parseDescriptionOf(record, 'offer') };
  });
}

function parseTrack(item: unknown, carriesOffer: boolean): TrackRequest {
  const record = parseRecord(item, '');
  const location = parseOneOf('local', 'remote')(record['location'], 'location');
  return compact({
    location,
    trackName: parseName(record['trackName'], 'trackName'),
    // Read too early, before setLocalDescription, a transceiver's mid is null.
    mid:
      location === 'local' && carriesOffer ? parseName(record['mid'], 'mid') : parseOptional(record, 'mid', parseText),
    sessionId: location === 'remote' ? parseName(record['sessionId'], 'sessionId') : undefined,
    kind: parseOptional(record, 'kind', parseOneOf('audio', 'video')),
    bidirectionalMediaStream: parseOptional(record, 'bidirectionalMediaStream', parseBoolean),
    simulcast: parseOptional(record, 'simulcast', parseSimulcast),
  });
}

function parseSimulcast(value: unknown, path: string): Simulcast {
  const record = parseRecord(value, path);
  const order = parseOneOf('none', 'asciibetical');
  return compact({
    preferredRid: parseOptional(record, 'preferredRid', parseText),
    priorityOrdering: parseOptional(record, 'priorityOrdering', order),
    ridNotAvailable: parseOptional(record, 'ridNotAvailable', order),
  });
}

export function parseDescriptionOf(
  body: Record<string, unknown>,
  type: SessionDescription['type'],
): SessionDescription {
  const path = 'sessionDescription';
  const record = parseRecord(body[path], path);
  const description = {
    type: parseOneOf('offer', 'answer')(record['type'], `${path}.type`),
    sdp: parseString(SDP_MAX_BYTES)(record['sdp'], `${path}.sdp`),
  };
  if (description.type !== type) throw refusal.unacceptable(`Expected an ${type}`);
  return description;
}

/** Names every bad item by its index, as the real service does. */
export function parseItems<T>(
  record: Record<string, unknown>,
  parseItem: (item: unknown) => T,
  key: 'tracks' | 'dataChannels' = 'tracks',
): T[] {
  const items = record[key] ?? [];
  if (!Array.isArray(items)) throw new ParseError(key, 'an array');
  if (items.length > TRACKS_PER_CALL_MAX) throw refusal.invalid(`At most ${TRACKS_PER_CALL_MAX} ${key} in one call`);
  const bad: number[] = [];
  const parsed = items.flatMap((item, index) => {
    try {
      return [parseItem(item)];
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      bad.push(index);
      return [];
    }
  });
  if (bad.length > 0) throw refusal.undecodable(bad.join(','));
  return parsed;
}
