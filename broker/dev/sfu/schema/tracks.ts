import { TRACKS_PER_CALL_MAX } from '#protocol';
import { description, failure, id, name, outcome } from './common.ts';
import { flag, list, oneOf, record, ruled, text, which, type Shape } from './shape.ts';

const order = oneOf('none', 'asciibetical');
const simulcast = record({}, { preferredRid: text(), priorityOrdering: order, ridNotAvailable: order });
const hints = { kind: oneOf('audio', 'video'), bidirectionalMediaStream: flag };
const mid = text(/./);

/** `mid` may be `#name`: the section that carries the track of that name. */
const remoteTrack = record(
  { location: oneOf('remote'), sessionId: id, trackName: name },
  { mid: text(), simulcast, ...hints },
);
const localTrack = { location: oneOf('local'), trackName: name };
const track = (hasOffer: boolean): Shape => {
  const local = hasOffer ? record({ ...localTrack, mid }, hints) : record(localTrack, { mid, ...hints });
  return which(({ location }) => (location === 'local' ? local : remoteTrack));
};

const most = { max: TRACKS_PER_CALL_MAX };

export const newTracksRequest: Shape = which(({ sessionDescription, autoDiscover }) => {
  const tracks = list(track(sessionDescription !== undefined), { ...most, min: autoDiscover === true ? 0 : 1 });
  const fields = { sessionDescription: description('offer'), autoDiscover: flag };
  const shape = autoDiscover === true ? record(fields, { tracks }) : record({ tracks }, fields);
  return ruled(shape, ({ tracks: items }) =>
    Array.isArray(items) && new Set(items.map((item: { location?: unknown } | null) => item?.location)).size > 1
      ? 'tracks of both directions cannot be in one call'
      : undefined,
  );
});

/** What failed is named as the caller named it, whatever that was. */
const result = outcome(
  record({ mid, trackName: name }, { sessionId: id, simulcast }),
  record({ mid: oneOf(''), trackName: name, ...failure }, { sessionId: text() }),
);

/** An offer is to be answered at once, an answer ends the exchange, and without either there is nothing to do. */
export const newTracksAnswer: Shape = ruled(
  record(
    { requiresImmediateRenegotiation: flag, tracks: list(result, most) },
    { sessionDescription: description('offer', 'answer') },
  ),
  (answer) => {
    const given = answer['sessionDescription'] as { type?: unknown } | undefined;
    return (given?.type === 'offer') === answer['requiresImmediateRenegotiation']
      ? undefined
      : 'an offer comes with requiresImmediateRenegotiation, and nothing else does';
  },
);

export const updateTracksRequest: Shape = record({
  tracks: list(record({ location: oneOf('remote'), sessionId: id, trackName: name, mid }, { simulcast }), {
    ...most,
    min: 1,
  }),
});

const updated = { mid, sessionId: id, trackName: name };

export const updateTracksAnswer: Shape = record({
  requiresImmediateRenegotiation: oneOf(false),
  tracks: list(outcome(record(updated, { simulcast }), record({ ...updated, sessionId: text(), ...failure })), most),
});

export const closeTracksRequest: Shape = which(({ force }) => {
  const fields = { force: flag, tracks: list(record({ mid }), { ...most, min: 1 }) };
  return record(force === false ? { ...fields, sessionDescription: description('offer') } : fields);
});

export const closeTracksAnswer: Shape = record(
  {
    requiresImmediateRenegotiation: oneOf(false),
    tracks: list(outcome(record({ mid }), record({ mid, ...failure })), most),
  },
  { sessionDescription: description('answer') },
);
