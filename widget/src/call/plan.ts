import type { LiveTrack, Participant, Source } from '#protocol';
import type { WantedTrack } from './ports.ts';

/** Sound first: a call without pictures is a call, the reverse is not. A shared screen is what people look at. */
const WANTED_FIRST: readonly Source[] = ['microphone', 'screen-audio', 'screen', 'camera'];

/** Every remote track worth receiving, most wanted first: by source, then what sounds or shows something, then by arrival. */
export function planTracks(participants: readonly Participant[], selfId: string): WantedTrack[] {
  return participants
    .filter(({ id, sessionId }) => id !== selfId && sessionId !== '')
    .flatMap(({ id, sessionId, tracks }) => tracks.map((track) => ({ ...track, participantId: id, sessionId })))
    .sort((a, b) => rank(a) - rank(b));
}

function rank({ source, muted }: LiveTrack): number {
  return WANTED_FIRST.indexOf(source) * 2 + Number(muted);
}
