/** The connection to one client, as media sees it. */
export interface MediaPeer {
  /** The SFU's own SSRC on this connection, for feedback. */
  readonly ssrc: number;
  /** False until DTLS is up: what is sent before is lost. */
  readonly connected: boolean;
  /** The buffer may be reused after the call. */
  send(packet: Buffer): void;
}
