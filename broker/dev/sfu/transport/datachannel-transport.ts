import { randomBytes } from 'node:crypto';
import { PeerConnection, type DataChannel, type RtcConfig, type Track } from 'node-datachannel';
import { NegotiatedChannel } from './negotiated-channel.ts';
import type { ChannelPolicy, ClientParameters, RawChannel, RawTransport } from './raw-transport.ts';

const MAX_MESSAGE_BYTES = 262_144;
/** Out of the way of the ids that channels get. */
const STARTER_CHANNEL_ID = 1022;

/** One live try of the client to connect. */
interface Link {
  connection: PeerConnection;
  track?: Track;
  /** Those the client opened. libdatachannel closes what is garbage collected, so it is kept here. */
  channels: DataChannel[];
  up: boolean;
}

/**
 * One libdatachannel connection with ONE media line, whatever the client's real SDP says: libdatachannel then hands
 * every RTP and RTCP packet to that line's track, of any SSRC, and sends what it is given.
 */
export class DatachannelTransport implements RawTransport {
  readonly iceUfrag = randomBytes(4).toString('hex');
  readonly icePwd = randomBytes(16).toString('hex');
  readonly candidates: readonly string[];
  onPacket: RawTransport['onPacket'] = () => {};
  onState: RawTransport['onState'] = () => {};

  readonly #config: RtcConfig;
  #client: ClientParameters | undefined;
  #link: Link | undefined;
  readonly #channels = new Set<NegotiatedChannel>();
  #data = false;
  #closed = false;

  constructor(config: RtcConfig, candidates: readonly string[]) {
    this.candidates = candidates;
    this.#config = { ...config, forceMediaTransport: true, maxMessageSize: MAX_MESSAGE_BYTES };
  }

  start(client: ClientParameters, data: boolean): void {
    this.#client = client;
    this.#data = data;
    this.#listen(client);
  }

  update(client: ClientParameters): void {
    this.#client = client;
    // A link that is up stays: libdatachannel cannot restart ICE, and the client keeps a path that works.
    if (this.#closed || !this.#link || this.#link.up) return;
    this.#drop();
    this.#listen(client);
  }

  enableData(): void {
    const link = this.#link;
    if (this.#data || !link || !this.#client) return;
    this.#data = true;
    // As answerer libdatachannel would start SCTP before its own description has the section, and throw: so it offers.
    link.channels.push(link.connection.createDataChannel('', { negotiated: true, id: STARTER_CHANNEL_ID }));
    link.connection.setLocalDescription('offer');
    link.connection.setRemoteDescription(clientSdp(this.#client, true), 'answer');
  }

  openChannel(id: number, policy: ChannelPolicy): RawChannel {
    for (const channel of this.#channels) if (channel.state === 'closed') this.#channels.delete(channel);
    const channel = new NegotiatedChannel(id, policy);
    this.#channels.add(channel);
    if (this.#link && this.#data) channel.openOn(this.#link.connection);
    return channel;
  }

  send(packet: Buffer): void {
    if (!this.#link?.up) return;
    try {
      this.#link.track?.sendMessageBinary(packet);
    } catch {
      // The track closes on another thread a moment before onStateChange tells.
    }
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #listen(client: ClientParameters): void {
    const connection = new PeerConnection(this.iceUfrag, this.#config);
    const link: Link = { connection, channels: [], up: false };
    this.#link = link;
    const isCurrent = (): boolean => this.#link === link;
    connection.onTrack((track) => {
      link.track = track;
      track.onMessage((packet) => {
        if (isCurrent()) this.onPacket(packet);
      });
      track.onOpen(() => {
        if (!isCurrent() || link.up) return;
        link.up = true;
        this.onState('connected');
      });
    });
    connection.onStateChange((state) => {
      // `disconnected` is always followed by `closed`.
      if (isCurrent() && (state === 'failed' || state === 'closed')) this.#ended(link);
    });
    connection.onDataChannel((channel) => link.channels.push(channel));
    connection.setRemoteDescription(clientSdp(client, this.#data), 'offer');
    connection.setLocalDescription('answer', { iceUfrag: this.iceUfrag, icePwd: this.icePwd });
    if (this.#data) for (const channel of this.#channels) channel.openOn(connection);
  }

  #ended(link: Link): void {
    this.#drop();
    if (!link.up) {
      this.#closed = true;
      this.onState('failed');
      return;
    }
    this.onState('lost');
    if (!this.#closed && this.#client) this.#listen(this.#client);
  }

  #drop(): void {
    const link = this.#link;
    if (!link) return;
    this.#link = undefined;
    for (const channel of this.#channels) channel.detach();
    for (const channel of link.channels) channel.close();
    link.track?.close();
    link.connection.close();
  }
}

/** What libdatachannel is told about the client. */
function clientSdp(client: ClientParameters, data: boolean): string {
  const common = [
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${client.iceUfrag}`,
    `a=ice-pwd:${client.icePwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:${client.fingerprint.algorithm} ${client.fingerprint.value}`,
    'a=setup:active',
  ];
  const head = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', `a=group:BUNDLE m${data ? ' d' : ''}`];
  const media = ['a=mid:m', 'a=sendrecv', 'a=rtcp-mux', 'a=rtpmap:96 VP8/90000'];
  const application = ['a=mid:d', 'a=sctp-port:5000', `a=max-message-size:${MAX_MESSAGE_BYTES}`];
  const lines = [
    ...head,
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    ...common,
    ...media,
    ...(data ? ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', ...common, ...application] : []),
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}
