import { parseErrorBody, type ErrorBody } from './broker-error.ts';
import { parseGrants } from './grants.ts';
import { TRACKS_PER_CALL_MAX } from './limits.ts';
import {
  ParseError,
  compact,
  optional,
  parseArray,
  parseInteger,
  parseObject,
  parseOptional,
  parseRecord,
  parseString,
} from './parse.ts';
import { parseParticipant, parseRosterSnapshot, type Participant, type RosterSnapshot } from './participant.ts';
import type { Grants } from './room-token.ts';
import {
  parseNewSessionResponse,
  parseSessionDescription,
  parseTrackRequest,
  parseTracksResponse,
  type LocalTrackRequest,
  type SessionDescription,
  type TracksResponse,
} from './sfu-api.ts';

/** `POST /rooms/{room}/prepare`: offers of data channels alone, each for a session of its own. */
export interface PrepareRequest {
  offers: SessionDescription[];
}

export interface PrepareResponse {
  /** In the order of the offers. `prepared` names the session in a join, within {@link PREPARED_LIFETIME_MS}. */
  sessions: { prepared: string; sessionDescription: SessionDescription }[];
  iceServers: IceServer[];
}

/** `POST /rooms/{room}/join`. An empty body joins without media. */
export interface JoinRequest {
  protocol: number;
  /** Used where the token names nobody. */
  name?: string;
  /** The member secret of the seat to return to. */
  resume?: string;
  /** My offer and the tracks in it; for the session that was prepared, if one was. */
  publish?: { prepared?: string; sessionDescription: SessionDescription; tracks: LocalTrackRequest[] };
  /** Pull what is live; with an offer of receive-only sections the SFU can answer in the same round trip. */
  receive?: { prepared?: string; sessionDescription?: SessionDescription };
}

/** What became of one of the two media sessions asked for. */
export type JoinMedia = ({ sessionId: string } & TracksResponse) | ErrorBody;

export interface JoinResponse {
  protocol: number;
  self: Participant;
  grants: Grants;
  roster: RosterSnapshot;
  /** Bearer for every later call, and for `resume`; good as long as the seat is. */
  memberSecret: string;
  /**
   * A moderator has to admit me first: there is no roster and no media, and the socket will only say `admitted`. Then
   * join again, with `resume`.
   */
  waiting?: true;
  /** For one socket, within {@link TICKET_LIFETIME_MS}. */
  ticket: string;
  iceServers: IceServer[];
  publish?: JoinMedia;
  /**
   * `sessionDescription.type` tells which way it went: `answer` to the offer that was sent, or the SFU's own `offer`
   * to be answered through `renegotiate`. Absent where nothing is live yet.
   */
  receive?: JoinMedia;
}

export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

const parseSecret = parseString(128, /^[A-Za-z0-9_-]+$/);
/** A session made ready before the join. */
const parsePrepared = parseString(256, /^[A-Za-z0-9_-]+$/);
const SESSIONS_PREPARED_MAX = 2;
const parseUrl = parseString(512, /^(stun|turns?):\S+$/);

export function parseJoinRequest(value: unknown): JoinRequest {
  const record = parseRecord(value, 'body');
  return compact({
    protocol: parseInteger(0, 1_000_000)(record['protocol'], 'protocol'),
    name: parseOptional(record, 'name', parseString(256)),
    resume: parseOptional(record, 'resume', parseSecret),
    publish: parseOptional(record, 'publish', (publish, path) => {
      const entry = parseRecord(publish, path);
      return compact({
        prepared: parseOptional(entry, 'prepared', parsePrepared, `${path}.prepared`),
        sessionDescription: parseSessionDescription(entry['sessionDescription'], `${path}.sessionDescription`),
        tracks: parseArray(parseLocalTrack, TRACKS_PER_CALL_MAX)(entry['tracks'], `${path}.tracks`),
      });
    }),
    receive: parseOptional(record, 'receive', (receive, path) => {
      const entry = parseRecord(receive, path);
      const description = `${path}.sessionDescription`;
      return compact({
        prepared: parseOptional(entry, 'prepared', parsePrepared, `${path}.prepared`),
        sessionDescription: parseOptional(entry, 'sessionDescription', parseSessionDescription, description),
      });
    }),
  });
}

export const parsePrepareRequest = (value: unknown): PrepareRequest => ({
  offers: parseArray(parseSessionDescription, SESSIONS_PREPARED_MAX)(parseRecord(value, 'body')['offers'], 'offers'),
});

export const parseIceServer = parseObject<IceServer>({
  urls: parseArray(parseUrl, 16),
  username: optional(parseString(512)),
  credential: optional(parseString(512)),
});

export const parsePrepareResponse = parseObject<PrepareResponse>({
  sessions: parseArray(
    parseObject({ prepared: parsePrepared, sessionDescription: parseSessionDescription }),
    SESSIONS_PREPARED_MAX,
  ),
  iceServers: parseArray(parseIceServer, 16),
});

export const parseJoinResponse = parseObject<JoinResponse>({
  protocol: parseInteger(0, 1_000_000),
  self: parseParticipant,
  grants: parseGrants,
  roster: parseRosterSnapshot,
  memberSecret: parseSecret,
  waiting: parseWaiting,
  ticket: parseSecret,
  iceServers: parseArray(parseIceServer, 16),
  publish: optional(parseJoinMedia),
  receive: optional(parseJoinMedia),
});

/** The answer to `POST /rooms/{room}/ticket`. */
export const parseTicketResponse = parseObject<{ ticket: string }>({ ticket: parseSecret });

function parseLocalTrack(value: unknown, path: string): LocalTrackRequest {
  const track = parseTrackRequest(value, path);
  if (track.location !== 'local') throw new ParseError(`${path}.location`, 'local');
  return track;
}

function parseWaiting(value: unknown): true | undefined {
  return value === true ? true : undefined;
}

function parseJoinMedia(value: unknown, path: string): JoinMedia {
  const record = parseRecord(value, path);
  if (record['errorCode'] !== undefined) return parseErrorBody(record);
  return { sessionId: parseNewSessionResponse(record).sessionId, ...parseTracksResponse(record) };
}
