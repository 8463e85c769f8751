import { expect, test } from 'vitest';
import { parseSdp } from './parse-sdp.ts';
import { writeSdp, type SdpDescription } from './write-sdp.ts';

const DESCRIPTION: SdpDescription = {
  type: 'offer',
  sessionId: '42',
  version: 3,
  transport: {
    iceUfrag: 'abcd',
    icePwd: 'p'.repeat(22),
    fingerprint: Array(32).fill('0F').join(':'),
    candidates: ['1 1 udp 2130706431 127.0.0.1 40000 typ host'],
  },
  sections: [
    { kind: 'audio', mid: '0', stopped: true },
    {
      kind: 'video',
      mid: '1',
      stopped: false,
      direction: 'sendonly',
      codecs: [
        {
          payloadType: 96,
          name: 'vp8',
          clockRate: 90_000,
          channels: 1,
          parameters: '',
          feedback: ['nack', 'nack pli'],
          retransmission: 97,
        },
      ],
      extensions: [{ id: 4, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' }],
      rids: [],
      stream: { streamId: 'publisher', ssrc: 11, retransmissionSsrc: 12 },
    },
    { kind: 'application', mid: '2', stopped: false },
  ],
};

const TRANSPORT = [
  'a=ice-ufrag:abcd',
  'a=ice-pwd:pppppppppppppppppppppp',
  `a=fingerprint:sha-256 ${DESCRIPTION.transport.fingerprint}`,
  'a=setup:actpass',
  'a=candidate:1 1 udp 2130706431 127.0.0.1 40000 typ host',
  'a=end-of-candidates',
];

test('writes every live section with its transport, and a stopped one as a place only', () => {
  const lines = writeSdp(DESCRIPTION).split('\r\n');
  expect(lines).toEqual([
    'v=0',
    'o=- 42 3 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 1 2',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS *',
    'a=ice-lite',
    'm=audio 0 UDP/TLS/RTP/SAVPF 0',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=inactive',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
    'c=IN IP4 0.0.0.0',
    ...TRANSPORT,
    'a=mid:1',
    'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=sendonly',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    'a=rtpmap:96 VP8/90000',
    'a=rtcp-fb:96 nack',
    'a=rtcp-fb:96 nack pli',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96',
    'a=msid:publisher 1-11',
    'a=ssrc-group:FID 11 12',
    'a=ssrc:11 cname:publisher',
    'a=ssrc:12 cname:publisher',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    ...TRANSPORT,
    'a=mid:2',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    '',
  ]);
});

test('an answer takes the passive part, and accepts the layers of simulcast', () => {
  const video = { ...DESCRIPTION.sections[1]!, direction: 'recvonly', rids: ['a', 'b'] } as const;
  const text = writeSdp({ ...DESCRIPTION, type: 'answer', sections: [video as SdpDescription['sections'][number]] });
  expect(text).toContain('a=setup:passive\r\n');
  expect(text).toContain('a=rid:a recv\r\na=rid:b recv\r\na=simulcast:recv a;b\r\n');
});

test('what it writes can be parsed again', () => {
  const { sections } = parseSdp(writeSdp(DESCRIPTION));
  expect(sections).toMatchObject([
    { mid: '0', stopped: true },
    { mid: '1', stopped: false, direction: 'sendonly', ssrcs: [11, 12] },
    { mid: '2', stopped: false },
  ]);
});
