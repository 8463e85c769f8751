import type { LiveTrack, Participant, Source } from '#protocol';
import { trackKey, type InCall } from '../call/state.ts';

/** Somebody whose `sources` flow; `muted` ones are announced as silent. */
export function participant(name: string, sources: readonly Source[] = [], muted: readonly Source[] = []): Participant {
  const id = name.toLowerCase().replaceAll(/\W+/g, '-');
  const track = (source: Source, isMuted: boolean): LiveTrack => ({
    trackName: `${source}-1`,
    source,
    muted: isMuted,
    rids: [],
  });
  return {
    id,
    name,
    role: 'guest',
    joinedAt: 0,
    presence: 'here',
    sessionId: `session-of-${id}`,
    tracks: [...sources.map((source) => track(source, false)), ...muted.map((source) => track(source, true))],
  };
}

/** A call with these people; the first is me. Everything they send plays. */
export function inCall(participants: readonly Participant[], change: Partial<InCall> = {}): InCall {
  const [self, ...others] = participants;
  const keys = others.flatMap(({ sessionId, tracks }) => tracks.map(({ trackName }) => trackKey(sessionId, trackName)));
  return {
    phase: 'in-call',
    selfId: self?.id ?? '',
    grants: { publish: ['audio', 'video', 'screen'], subscribe: true, chat: true, moderate: false },
    epoch: 'epoch',
    rev: 1,
    locked: false,
    knocks: [],
    endsWithin: 0,
    participants,
    tracks: Object.fromEntries(keys.map((key) => [key, { status: 'playing' as const }])),
    speakers: [],
    activeSpeaker: '',
    mutedSpeech: false,
    usage: {},
    stats: undefined,
    media: 'connected',
    signalling: 'connected',
    soundBlocked: false,
    notice: '',
    ...change,
  };
}
