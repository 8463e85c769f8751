import type { MediaStats } from '../call/media-stats.ts';
import type { JoinResponse, LiveTrack, Participant, Source } from '#protocol';

/** Somebody in a room. */
export function person(id: string, changes: Partial<Participant> = {}): Participant {
  return { id, name: id, role: 'guest', joinedAt: 1, presence: 'here', sessionId: '', tracks: [], ...changes };
}

/** Somebody who publishes `sources`; muted ones carry nothing. */
export function publisher(id: string, sources: readonly Source[], muted: readonly Source[] = []): Participant {
  const tracks = sources.map((source) => liveTrack(source, muted.includes(source)));
  return person(id, { sessionId: sessionOf(id), tracks });
}

export function liveTrack(source: Source, muted = false): LiveTrack {
  return { trackName: `${source}-1`, source, muted, rids: [] };
}

export function sessionOf(id: string): string {
  return `session-of-${id}`;
}

/** What a broker answers to `me`, who finds `others` in the room. Media in both directions, unless changed. */
export function joinResponse(others: readonly Participant[] = [], changes: Partial<JoinResponse> = {}): JoinResponse {
  const self = person('me');
  return {
    protocol: 1,
    self,
    grants: { publish: ['audio', 'video', 'screen'], subscribe: true, chat: true, moderate: false },
    roster: { epoch: 'one', rev: 1, locked: false, participants: [...others, self] },
    memberSecret: 'secret',
    ticket: 'ticket',
    iceServers: [],
    publish: { sessionId: sessionOf('me'), requiresImmediateRenegotiation: false, tracks: [] },
    ...changes,
  };
}

/** Statistics of a call that goes well. */
export function mediaStats(changes: Partial<MediaStats> = {}): MediaStats {
  const flow = { lossIn: 0, lossOut: 0, bitrateIn: 0, bitrateOut: 0, fps: 0, freezes: 0 };
  return { quality: 4, ...flow, received: [], ...changes };
}
