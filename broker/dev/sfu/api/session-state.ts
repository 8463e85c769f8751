import type { ClosedTrack, Section } from '../session/section.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { refusal } from './api-error.ts';
import { channelItem } from './channel-item.ts';

/** One track of `GET /sessions/{id}`. `active` does not say that packets flow. */
export interface TrackState extends ClosedTrack {
  mid: string;
  status: 'active' | 'inactive';
}

/** `GET /sessions/{id}`. Throws 410 where the connection is gone. */
export function sessionState(session: SfuSession): { tracks: TrackState[]; dataChannels: object[] } {
  if (session.state === 'lost' || session.state === 'closed') throw refusal.gone();
  return {
    tracks: session.negotiation.sections.flatMap(sectionTracks),
    dataChannels: session.data.channels.map((channel) => ({ ...channelItem(channel), status: channel.status })),
  };
}

function sectionTracks(section: Section): TrackState[] {
  const { mid, publication, subscription, closed } = section;
  const tracks: TrackState[] = closed.map((track) => ({ ...track, mid, status: 'inactive' }));
  if (publication) tracks.push({ location: 'local', mid, trackName: publication.trackName, status: 'active' });
  // One for the way back of a publisher's section may not have been pointed at anything yet.
  if (subscription?.name.trackName)
    tracks.push({ location: 'remote', mid, ...subscription.name, status: subscription.source ? 'active' : 'inactive' });
  return tracks;
}
