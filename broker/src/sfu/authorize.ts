import { PublishGrant, type Grants, type LocalTrackRequest, type TrackResult } from '#protocol';
import { deny, type Denied } from '../refusal.ts';
import { readSections, type SdpSection } from './sdp.ts';

/** A track of a session, as its section in the offer says. A closed one is nobody's to pull, but its section remains. */
export interface PublishedTrack {
  trackName: string;
  mid: string;
  kind: 'audio' | 'video';
  state: 'open' | 'closed';
}

const UNREADABLE = deny('decoding_error', 'sessionDescription.sdp cannot be read');
const SENDS_MORE = deny('forbidden', 'The description sends in a section that is not among the tracks');

/**
 * May this offer publish these tracks, in a session that has published others before? Every section that sends must be
 * one of them, so that nothing is sent beside what was asked for.
 */
export function checkPublish(
  sdp: string,
  tracks: readonly LocalTrackRequest[],
  grants: Grants,
  before: readonly PublishedTrack[],
): { ok: true; published: PublishedTrack[] } | Denied {
  if (tracks.length === 0) return deny('decoding_error', 'tracks must not be empty');
  const sections = readSections(sdp);
  if (!sections) return UNREADABLE;

  const published: PublishedTrack[] = [];
  for (const { mid, trackName } of tracks) {
    const section = sections.find((section) => section.mid === mid);
    if (!section?.sends || !isMedia(section))
      return deny('decoding_error', 'tracks: each mid must be a sending section of the offer');
    published.push({ trackName, mid, kind: section.kind, state: 'open' });
  }
  const open = [...before.filter((track) => track.state === 'open' && !hasMid(published, track.mid)), ...published];
  if (new Set(published.map((track) => track.mid)).size < published.length || !hasDistinctNames(open))
    return deny('decoding_error', 'tracks: each mid and each trackName may be named once');

  const allowed = sendingAllowed(grants);
  if (count(open, 'audio') > allowed.audio || count(open, 'video') > allowed.video)
    return deny('forbidden', 'The token does not grant so many tracks of this kind');
  return sendsOnly(sections, [...before, ...published]) ? { ok: true, published } : SENDS_MORE;
}

/** May this description be used to receive or to close? It sends nothing but what its session has published before. */
export function checkReceive(sdp: string, before: readonly PublishedTrack[]): { ok: true } | Denied {
  const sections = readSections(sdp);
  if (!sections) return UNREADABLE;
  return sendsOnly(sections, before) ? { ok: true } : SENDS_MORE;
}

/** A track that the SFU refused is nobody's to pull, but its section remains in the description. */
export function settlePublished(
  published: readonly PublishedTrack[],
  results: readonly TrackResult[],
): PublishedTrack[] {
  const refused = new Set(results.filter((result) => result.errorCode).map((result) => result.trackName));
  return published.map((track) => (refused.has(track.trackName) ? { ...track, state: 'closed' } : track));
}

/** How many sections of each kind an offer leaves free to receive in. */
export function receivingSections(sdp: string): Record<'audio' | 'video', number> {
  const free = (readSections(sdp) ?? []).filter((section) => !section.sends);
  return { audio: count(free, 'audio'), video: count(free, 'video') };
}

/** How many tracks of a kind may be sent: a screen has a picture and may have sound. */
export function sendingAllowed(grants: Grants): Record<'audio' | 'video', number> {
  const has = (grant: PublishGrant) => (grants.publish.includes(grant) ? 1 : 0);
  const screen = has(PublishGrant.screen);
  return { audio: has(PublishGrant.audio) + screen, video: has(PublishGrant.video) + screen };
}

function sendsOnly(sections: readonly SdpSection[], tracks: readonly PublishedTrack[]): boolean {
  return sections.every((section) => !section.sends || (isMedia(section) && hasMid(tracks, section.mid)));
}

function isMedia(section: SdpSection): section is SdpSection & { kind: 'audio' | 'video' } {
  return section.kind === 'audio' || section.kind === 'video';
}

function hasMid(tracks: readonly PublishedTrack[], mid: string): boolean {
  return tracks.some((track) => track.mid === mid);
}

function hasDistinctNames(tracks: readonly PublishedTrack[]): boolean {
  return new Set(tracks.map((track) => track.trackName)).size === tracks.length;
}

function count(items: readonly { kind: string }[], kind: string): number {
  return items.filter((item) => item.kind === kind).length;
}
