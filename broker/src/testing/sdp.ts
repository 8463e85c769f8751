/** One media section of a made-up description. */
export interface TestSection {
  kind: 'audio' | 'video' | 'application';
  mid: string;
  direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
}

const FINGERPRINT = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(':');
const CODEC = { audio: '111 opus/48000/2', video: '96 VP8/90000', application: 'webrtc-datachannel' } as const;

/** A description as a browser writes it, cut to what anybody here reads. */
export function buildSdp(sections: readonly TestSection[]): string {
  const lines = ['v=0', 'o=- 4611731400430051336 2 IN IP4 127.0.0.1', 's=-', 't=0 0'];
  lines.push(`a=group:BUNDLE ${sections.map((section) => section.mid).join(' ')}`);
  for (const { kind, mid, direction } of sections) {
    const [payload = '', name = ''] = CODEC[kind].split(' ');
    if (kind === 'application') lines.push(`m=application 9 UDP/DTLS/SCTP ${payload}`);
    else lines.push(`m=${kind} 9 UDP/TLS/RTP/SAVPF ${payload}`);
    lines.push('c=IN IP4 0.0.0.0', 'a=ice-ufrag:abcd', 'a=ice-pwd:abcdefghijklmnopqrstuvwx');
    lines.push(`a=fingerprint:sha-256 ${FINGERPRINT}`, 'a=setup:actpass', `a=mid:${mid}`);
    if (kind !== 'application') lines.push(`a=${direction}`, 'a=rtcp-mux', `a=rtpmap:${payload} ${name}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** An offer that publishes a microphone (mid 0) and a camera (mid 1). */
export function publishingOffer(): { type: 'offer'; sdp: string } {
  return {
    type: 'offer',
    sdp: buildSdp([
      { kind: 'audio', mid: '0', direction: 'sendonly' },
      { kind: 'video', mid: '1', direction: 'sendonly' },
    ]),
  };
}

/** An offer with free sections to receive in: mids a0, a1, … and v0, v1, … */
export function receivingOffer(audio: number, video: number): { type: 'offer'; sdp: string } {
  const sections = (kind: 'audio' | 'video', count: number) =>
    Array.from({ length: count }, (_, index) => ({ kind, mid: `${kind[0]}${index}`, direction: 'recvonly' as const }));
  return { type: 'offer', sdp: buildSdp([...sections('audio', audio), ...sections('video', video)]) };
}
