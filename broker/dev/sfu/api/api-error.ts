/** Every way the API says no, with the code, status and wording callers of the real one see. */

/** A whole call that failed. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, description: string) {
    super(description);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

/** One item of a call, a track or a data channel, that failed; the call itself answers 200. */
export class TrackError extends Error {
  readonly code: string;

  constructor(code: string, description: string) {
    super(description);
    this.name = 'TrackError';
    this.code = code;
  }
}

const PUBLISHER_HINT = 'Make sure the publisher peer is connected and sending packets for this track';

export const refusal = {
  unauthorized: () => new ApiError(401, 'unauthorized', 'The bearer token does not belong to this app'),
  unknownApp: () => new ApiError(404, 'not_found', 'App not found'),
  unknownKey: () => new ApiError(404, 'not_found', 'TURN key not found'),
  unknownRoute: (method: string, path: string) =>
    new ApiError(404, 'not_found', `No such operation: ${method} ${path}`),
  undecodable: (field: string) => new ApiError(400, 'decoding_error', `Body JSON validation error: ${field}`),
  noData: () => new ApiError(400, 'decoding_error', 'The offer has no section for data channels'),
  invalid: (description: string) => new ApiError(406, 'invalid_params', description),
  tooLarge: () => new ApiError(413, 'payload_too_large', 'The request body is too large'),
  tooMany: () => new ApiError(429, 'retryable_transient_error', 'Too many calls per second on this session'),
  notReady: () =>
    new ApiError(
      425,
      'session_error',
      'Session is not ready yet. Please ensure the PeerConnection is connected before making this request',
    ),
  gone: () =>
    new ApiError(
      410,
      'session_error',
      'Session appears to be disconnected. Please check if the PeerConnection is connected.',
    ),
  unparsable: (reason: string) => new ApiError(400, 'invalid_session_description', `Unable to parse SDP: ${reason}`),
  unacceptable: (reason: string) => new ApiError(406, 'invalid_session_description', reason),
  internal: () => new ApiError(500, 'internal_error', 'Backend error'),
} as const;

export const trackRefusal = {
  notFound: () => new TrackError('not_found_track_error', `Track not found on remote peer. ${PUBLISHER_HINT}`),
  empty: () => new TrackError('empty_track_error', `No track data from remote peer. ${PUBLISHER_HINT}`),
  repeated: (name: string) => new TrackError('repeated_local_track_error', `The name ${name} is in use`),
  alreadyClosed: () => new TrackError('close_track_error', "Track doesn't exist or was already closed"),
  notUpdatable: (reason: string) => new TrackError('update_track_error', reason),
  noChannel: () => new TrackError('not_found_track_error', 'No such data channel is open'),
  exhausted: () => new TrackError('internal_error', 'No channel id is left on this session'),
  invalid: (reason: string) => new TrackError('invalid_params', reason),
} as const;
