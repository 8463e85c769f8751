import { SOURCE_GRANT, type LiveTrack, type Participant, type PublishGrant, type Source } from '#protocol';
import { trackKey, type CallState, type CaptureSource, type InCall, type RemoteTrackState } from './state.ts';

/** The call in progress, or undefined in every other phase. */
export function inCall(state: CallState): InCall | undefined {
  return state.call.phase === 'in-call' ? state.call : undefined;
}

export function self(call: InCall): Participant | undefined {
  return call.participants.find(({ id }) => id === call.selfId);
}

/** Everybody in the order tiles are laid out: the others as they arrived, me last. */
export function tiles(call: InCall): readonly Participant[] {
  const others = call.participants.filter(({ id }) => id !== call.selfId);
  const me = self(call);
  return me ? [...others, me] : others;
}

/** What somebody has announced of a source, muted or not. */
export function publishedTrack(participant: Participant, source: Source): LiveTrack | undefined {
  return participant.tracks.find((track) => track.source === source);
}

/** Does somebody send sound or picture of this source now? False for a muted track: it carries silence or black. */
export function isSending(participant: Participant, source: Source): boolean {
  return publishedTrack(participant, source)?.muted === false;
}

/** What I receive of somebody's source; undefined where nothing was announced or asked for yet. */
export function remoteTrack(call: InCall, participant: Participant, source: Source): RemoteTrackState | undefined {
  const track = publishedTrack(participant, source);
  return track && call.tracks[trackKey(participant.sessionId, track.trackName)];
}

export function isSpeaking(call: InCall, participantId: string): boolean {
  return call.speakers.includes(participantId);
}

/** Do these grants cover the source? */
export function covers(publish: readonly PublishGrant[], source: Source): boolean {
  return publish.includes(SOURCE_GRANT[source]);
}

/** Does the token let me publish this source? Outside a call nobody knows yet, and the lobby may try. */
export function mayPublish(state: CallState, source: CaptureSource): boolean {
  const call = inCall(state);
  return call ? covers(call.grants.publish, source) : source !== 'screen';
}

/** Is the microphone, camera or screen of mine captured and sending? */
export function isCapturing(state: CallState, source: CaptureSource): boolean {
  return state.local[source].status === 'on';
}
