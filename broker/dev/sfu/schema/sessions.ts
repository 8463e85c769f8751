import { description, id, name, side } from './common.ts';
import { integer, list, maybe, oneOf, record, text, which, type Shape } from './shape.ts';

export const newSessionRequest: Shape = maybe(record({ sessionDescription: description('offer') }));
export const newSessionAnswer: Shape = record({ sessionId: id }, { sessionDescription: description('answer') });

export const renegotiateRequest: Shape = record({ sessionDescription: description('answer') });
export const renegotiateAnswer: Shape = record({}, { sessionDescription: description('offer', 'answer') });

const trackFields = { location: side, mid: text(), trackName: name, status: oneOf('active', 'inactive') };
const channelFields = {
  location: side,
  dataChannelName: name,
  id: integer(0, 65_534),
  status: oneOf('active', 'inactive', 'initializing'),
};

/** Only what belongs to somebody else has a session id. */
const withOwner = (fields: Parameters<typeof record>[0]): Shape =>
  which(({ location }) => record(location === 'remote' ? { ...fields, sessionId: id } : fields));

export const sessionStateAnswer: Shape = record({
  tracks: list(withOwner(trackFields)),
  dataChannels: list(withOwner(channelFields)),
});
