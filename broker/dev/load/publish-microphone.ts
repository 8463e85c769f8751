import type { JoinRequest } from '#protocol';

const OFFER = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'c=IN IP4 0.0.0.0',
  'a=mid:0',
  'a=sendonly',
  'a=rtpmap:111 opus/48000/2',
  '',
].join('\r\n');

/** The least that a join can publish. A double of the SFU asks for no more. */
export const PUBLISH_MICROPHONE: NonNullable<JoinRequest['publish']> = {
  sessionDescription: { type: 'offer', sdp: OFFER },
  tracks: [{ location: 'local', mid: '0', trackName: 'mic' }],
};
