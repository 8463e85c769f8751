import { TRACKS_PER_CALL_MAX } from './limits.ts';
import { parseErrorBody, type ErrorBody } from './broker-error.ts';
import {
  ParseError,
  compact,
  optional,
  parseArray,
  parseInteger,
  parseObject,
  parseOneOf,
  parseOptional,
  parseRecord,
  parseString,
} from './parse.ts';
import { parseParticipant, parseRosterSnapshot, type Participant, type RosterSnapshot } from './participant.ts';
import { type Grants } from './room-token.ts';
import {
  parseNewSessionResponse,
  parseSessionDescription,
  parseTrackRequest,
  parseTracksResponse,
  type LocalTrackRequest,
  type SessionDescription,
  type TracksResponse,
} from './sfu-api.ts';

/** `POST /rooms/{room}/join`. An empty body joins without media. */
export interface JoinRequest {
  protocol: number;
  /** Used where the token names nobody. */
  name?: string;
  /** The member secret of the seat to return to. */
  resume?: string;
  /** My offer and the tracks in it. */
  publish?: { sessionDescription: SessionDescription; tracks: LocalTrackRequest[] };
  /** Pull what is live; with an offer of receive-only sections the SFU can answer in the same round trip. */
  receive?: { sessionDescription?: SessionDescription };
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
const parseUrl = parseString(512, /^(stun|turns?):\S+$/);

export function parseJoinRequest(value: unknown): JoinRequest {
  const record = parseRecord(value, 'body');
  return compact({
    protocol: parseInteger(0, 1_000_000)(record['protocol'], 'protocol'),
    name: parseOptional(record, 'name', parseString(256)),
    resume: parseOptional(record, 'resume', parseSecret),
    publish: parseOptional(record, 'publish', (publish, path) => {
      const entry = parseRecord(publish, path);
      return {
        sessionDescription: parseSessionDescription(entry['sessionDescription'], `${path}.sessionDescription`),
        tracks: parseArray(parseLocalTrack, TRACKS_PER_CALL_MAX)(entry['tracks'], `${path}.tracks`),
      };
    }),
    receive: parseOptional(record, 'receive', (receive, path) =>
      compact({
        sessionDescription: parseOptional(
          parseRecord(receive, path),
          'sessionDescription',
          parseSessionDescription,
          `${path}.sessionDescription`,
        ),
      }),
    ),
  });
}

const parseGrants = parseObject<Grants>({
  publish: parseArray(parseOneOf('audio', 'video', 'screen'), 3),
  subscribe: isTrue,
  chat: isTrue,
  moderate: isTrue,
});

export const parseIceServer = parseObject<IceServer>({
  urls: parseArray(parseUrl, 16),
  username: optional(parseString(512)),
  credential: optional(parseString(512)),
});

export const parseJoinResponse = parseObject<JoinResponse>({
  protocol: parseInteger(0, 1_000_000),
  self: parseParticipant,
  grants: parseGrants,
  roster: parseRosterSnapshot,
  memberSecret: parseSecret,
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

function parseJoinMedia(value: unknown, path: string): JoinMedia {
  const record = parseRecord(value, path);
  if (record['errorCode'] !== undefined) return parseErrorBody(record);
  return { sessionId: parseNewSessionResponse(record).sessionId, ...parseTracksResponse(record) };
}

/** A right that an older broker does not know is not granted. */
function isTrue(value: unknown): boolean {
  return value === true;
}
