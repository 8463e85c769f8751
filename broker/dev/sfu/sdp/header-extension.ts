import type { MediaKind } from './codec.ts';

export interface HeaderExtension {
  id: number;
  uri: string;
}

/** The RTP header extensions the SFU reads or passes on. */
export const Extension = {
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  repairedRid: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  videoOrientation: 'urn:3gpp:video-orientation',
  transportSequence: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
} as const;

/** Accepted where the client sends. */
export const PUBLISHER_EXTENSIONS: Readonly<Record<MediaKind, readonly string[]>> = {
  audio: [Extension.mid, Extension.audioLevel, Extension.transportSequence],
  video: [Extension.mid, Extension.rid, Extension.repairedRid, Extension.videoOrientation, Extension.transportSequence],
};

/** Offered or accepted where the SFU sends. */
export const SUBSCRIBER_EXTENSIONS: Readonly<Record<MediaKind, readonly string[]>> = {
  audio: [Extension.mid, Extension.audioLevel],
  video: [Extension.mid, Extension.videoOrientation],
};

/** Copied from the publisher's packets to the subscribers'. */
export const FORWARDED_EXTENSIONS: readonly string[] = [Extension.audioLevel, Extension.videoOrientation];

/** Feedback a publisher may send us, and a subscriber from us. */
export const PUBLISHER_FEEDBACK: readonly string[] = ['nack', 'nack pli', 'ccm fir', 'transport-cc'];
/** Nobody would read bandwidth feedback about what the SFU sends, so none is asked for. */
export const SUBSCRIBER_FEEDBACK: readonly string[] = ['nack', 'nack pli', 'ccm fir'];
