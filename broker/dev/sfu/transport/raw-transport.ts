/**
 * What the SFU needs from a WebRTC engine: a pipe for decrypted RTP and RTCP. All SDP belongs to the SFU; the engine
 * is told the client's ICE and DTLS parameters and nothing else.
 */

/** The client's half of ICE and DTLS, out of its SDP. */
export interface ClientParameters {
  iceUfrag: string;
  icePwd: string;
  fingerprint: { algorithm: string; value: string };
}

/**
 * `lost`: the client tore its transport down. It may come back on the same ICE credentials with a new DTLS handshake:
 * Chrome does so when its first section is stopped. `failed`: it never came up.
 */
export type TransportState = 'connected' | 'lost' | 'failed';

/** Text, or bytes. */
export type ChannelMessage = string | Buffer;

/** How a data channel delivers; both sides must have the same. At most one of the limits is there. */
export interface ChannelPolicy {
  ordered: boolean;
  maxRetransmits?: number;
  maxPacketLifeTime?: number;
}

/** One data channel, whose id both sides were told. */
export interface RawChannel {
  readonly state: 'connecting' | 'open' | 'closed';
  onMessage: (message: ChannelMessage) => void;
  /** The client closed it. */
  onClose: () => void;
  /** What is sent while it is not open is lost. */
  send(message: ChannelMessage): void;
  close(): void;
}

export interface RawTransport {
  readonly iceUfrag: string;
  readonly icePwd: string;
  /** Values of the `a=candidate` lines: where the client finds it. */
  readonly candidates: readonly string[];
  /** One decrypted RTP or RTCP packet. The buffer is the receiver's to keep. */
  onPacket: (packet: Buffer) => void;
  onState: (state: TransportState) => void;
  /** Starts to listen for this client. `data`: its SDP has a live m=application section. */
  start(client: ClientParameters, data: boolean): void;
  /** The client's offer has new ICE credentials. */
  update(client: ClientParameters): void;
  /** The client adds m=application later, or is about to be asked to. Must come before the client's first SCTP packet. */
  enableData(): void;
  /** Needs a client that has m=application. */
  openChannel(id: number, policy: ChannelPolicy): RawChannel;
  /** One plain RTP or RTCP packet; the buffer may be reused after the call. */
  send(packet: Buffer): void;
  close(): void;
}

export interface Engine {
  /** SHA-256 fingerprint of the certificate that every transport of this engine uses. */
  readonly fingerprint: string;
  /** For the session of that id. */
  newTransport(sessionId: string): RawTransport;
  close(): Promise<void>;
}
