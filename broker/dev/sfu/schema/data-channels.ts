import { description, failure, id, name, outcome } from './common.ts';
import { flag, integer, list, oneOf, record, ruled, text, which, type Fields, type Shape } from './shape.ts';

/** Of streams in SCTP; the last is reserved. */
const channelId = integer(0, 65_534);
const delivery = { ordered: flag, maxRetransmits: integer(0), maxPacketLifeTime: integer(0) };
const flags = { waitForAck: flag, canReply: flag };
const local = { location: oneOf('local'), dataChannelName: name };
const remote = { location: oneOf('remote'), sessionId: id, dataChannelName: name };

const requested = ruled(
  which(({ location }) => (location === 'local' ? record(local, delivery) : record(remote, { ...delivery, ...flags }))),
  ({ maxRetransmits, maxPacketLifeTime }) =>
    maxRetransmits !== undefined && maxPacketLifeTime !== undefined
      ? 'maxRetransmits and maxPacketLifeTime exclude each other'
      : undefined,
);

export const newChannelsRequest: Shape = record({ dataChannels: list(requested, { min: 1 }) });
export const updateChannelsRequest: Shape = record({
  dataChannels: list(record({ ...remote, canReply: flag }, { id: channelId }), { min: 1 }),
});
export const closeChannelsRequest: Shape = record({ dataChannels: list(record({ id: channelId }), { min: 1 }) });

const owned = (more: Fields, optional: Fields = {}, owner = id): Shape =>
  which(({ location }) =>
    record({ ...(location === 'local' ? local : { ...remote, sessionId: owner }), ...more }, optional),
  );
const echoed = { ...delivery, ...flags };

/** What failed is named as the caller named it, whatever that was. */
export const channelsAnswer: Shape = record({
  dataChannels: list(outcome(owned({ id: channelId }, echoed), owned(failure, { id: channelId, ...echoed }, text()))),
});

/** What is not there has an id and nothing else. */
export const closeChannelsAnswer: Shape = record({
  dataChannels: list(outcome(owned({ id: channelId }), record({ id: channelId, ...failure }))),
});

const serverEvents = { dataChannelName: oneOf('server-events') };

export const establishRequest: Shape = record(
  { dataChannel: record({ location: oneOf('remote'), ...serverEvents }) },
  { sessionDescription: description('offer') },
);

export const establishAnswer: Shape = ruled(
  record({
    requiresImmediateRenegotiation: flag,
    dataChannel: record({ ...serverEvents, id: channelId }, { location: oneOf('remote') }),
    sessionDescription: description('offer', 'answer'),
  }),
  (answer) => {
    const given = answer['sessionDescription'] as { type?: unknown } | undefined;
    return (given?.type === 'offer') === answer['requiresImmediateRenegotiation']
      ? undefined
      : 'an offer comes with requiresImmediateRenegotiation, and an answer without';
  },
);
