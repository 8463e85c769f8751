import { failure, id, name, outcome } from './common.ts';
import { integer, list, oneOf, record, text, which, type Shape } from './shape.ts';

export const ADAPTERS_PER_CALL_MAX = 4;

const count = { min: 1, max: ADAPTERS_PER_CALL_MAX };
const target = { trackName: name, endpoint: text(/^wss?:\/\/./) };
const mode = { mode: oneOf('stream', 'buffer') };
const requested = which(({ location }) =>
  location === 'local'
    ? record({ location: oneOf('local'), inputCodec: oneOf('pcm'), ...target }, { ...mode, sessionId: text() })
    : record({ location: oneOf('remote'), sessionId: id, outputCodec: oneOf('pcm', 'jpeg'), ...target }, mode),
);

export const newAdaptersRequest: Shape = record({ tracks: list(requested, count) });
export const newAdaptersAnswer: Shape = record({
  tracks: list(
    outcome(
      record({ trackName: name, adapterId: id, endpoint: target.endpoint }, { sessionId: id }),
      record({ trackName: name, ...failure }),
    ),
    count,
  ),
});

export const closeAdaptersRequest: Shape = record({ tracks: list(record({ adapterId: id }), count) });
export const closeAdaptersAnswer: Shape = record({
  tracks: list(
    outcome(record({ adapterId: id }, { bytesProcessed: integer(0) }), record({ adapterId: text(), ...failure })),
    count,
  ),
});
