import type { Grants, JoinResponse, Knock, RosterSnapshot } from '#protocol';
import { change } from './change.ts';
import type { MediaStats, ReceivedSource } from './media-stats.ts';
import { trackKey, type Connection, type InCall, type RemoteTrackState } from './state.ts';

/** What the broker granted: who I am, what I may do, who is here. */
export type Joined = Pick<JoinResponse, 'self' | 'grants' | 'roster'>;

/** What can become true during a call. */
export type InCallFact =
  | { type: 'roster'; roster: RosterSnapshot }
  | { type: 'granted'; grants: Grants }
  | { type: 'knocks'; knocks: readonly Knock[] }
  | { type: 'ending'; minutes: number }
  | { type: 'track'; key: string; state: RemoteTrackState | undefined }
  | { type: 'speakers'; speakers: readonly string[] }
  | { type: 'muted-speech'; isHeard: boolean }
  | { type: 'stats'; stats: MediaStats }
  | { type: 'media'; connection: Connection }
  | { type: 'sound'; blocked: boolean };

/** A call as it begins: nothing is connected yet. One that was rebuilt goes on to count what it received. */
export function enterCall({ self, grants, roster }: Joined, before?: InCall): InCall {
  return {
    phase: 'in-call',
    selfId: self.id,
    grants,
    ...roster,
    knocks: before?.knocks ?? [],
    endsWithin: before?.endsWithin ?? 0,
    tracks: {},
    speakers: [],
    activeSpeaker: '',
    mutedSpeech: false,
    stats: before?.stats,
    usage: before?.usage ?? {},
    media: 'connecting',
    signalling: 'connecting',
    soundBlocked: false,
    notice: '',
  };
}

/** One fact applied to a call. Returns the same object where it says nothing new. */
export function reduceInCall(call: InCall, fact: InCallFact): InCall {
  switch (fact.type) {
    case 'roster':
      return reduceRoster(call, fact.roster);
    case 'granted':
      return change(call, { grants: fact.grants, knocks: fact.grants.moderate ? call.knocks : [] });
    case 'knocks':
      return change(call, { knocks: fact.knocks });
    case 'ending':
      return change(call, { endsWithin: fact.minutes });
    case 'track':
      return reduceTrack(call, fact.key, fact.state);
    case 'speakers':
      return reduceSpeakers(call, fact.speakers);
    case 'muted-speech':
      return change(call, { mutedSpeech: fact.isHeard });
    case 'stats':
      return reduceUsage({ ...call, stats: fact.stats }, fact.stats.received);
    case 'media':
      return change(call, { media: fact.connection });
    case 'sound':
      return change(call, { soundBlocked: fact.blocked });
  }
}

/** Nothing is kept of somebody who is gone. */
function reduceRoster(call: InCall, roster: RosterSnapshot): InCall {
  const { participants } = roster;
  const ids = new Set(participants.map(({ id }) => id));
  const keys = new Set(participants.flatMap((p) => p.tracks.map((track) => trackKey(p.sessionId, track.trackName))));
  const { endsAt: _before, ...others } = call;
  return {
    ...others,
    ...roster,
    tracks: Object.fromEntries(Object.entries(call.tracks).filter(([key]) => keys.has(key))),
    speakers: call.speakers.filter((id) => ids.has(id)),
    activeSpeaker: ids.has(call.activeSpeaker) ? call.activeSpeaker : '',
  };
}

function reduceTrack(call: InCall, key: string, state: RemoteTrackState | undefined): InCall {
  if (state) return change(call, { tracks: { ...call.tracks, [key]: state } });
  const { [key]: _gone, ...tracks } = call.tracks;
  return change(call, { tracks });
}

function reduceUsage(call: InCall, received: readonly ReceivedSource[]): InCall {
  const usage = { ...call.usage };
  for (const { participantId, bytes } of received)
    if (bytes > 0) usage[participantId] = (usage[participantId] ?? 0) + bytes;
  return change(call, { usage });
}

/** The engine says `self` for me, and may still hear somebody the roster has dropped. */
function reduceSpeakers(call: InCall, heard: readonly string[]): InCall {
  const ids = new Set(call.participants.map(({ id }) => id));
  const speakers = heard.map((id) => (id === 'self' ? call.selfId : id)).filter((id) => ids.has(id));
  const activeSpeaker = speakers.find((id) => id !== call.selfId) ?? call.activeSpeaker;
  return change(call, { speakers, activeSpeaker });
}
