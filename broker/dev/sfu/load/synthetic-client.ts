import { PeerConnection, Video, type Track } from 'node-datachannel';
import type { SessionDescription, Simulcast, TracksResponse } from '#protocol';
import { keyFrameRequestTarget } from '../rtcp/loss-feedback.ts';
import { RtcpType, splitRtcp } from '../rtcp/rtcp-packet.ts';
import { isRtcp } from '../rtp/rtp-packet.ts';
import { parseSdp } from '../sdp/parse-sdp.ts';
import type { ClientParameters } from '../transport/raw-transport.ts';
import { Arrivals } from './arrivals.ts';
import { describeClient, describeServer, type ClientSection } from './synthetic-sdp.ts';
import { SyntheticStream, type StreamPlan } from './synthetic-stream.ts';

/** Where a client finds the SFU. */
export interface SfuAccess {
  /** Base URL of the app: `.../v1/apps/{appId}`. */
  appUrl: string;
  appToken: string;
}

export interface RemoteTrack {
  sessionId: string;
  trackName: string;
  simulcast?: Simulcast;
}

/** What a track is received as. */
export interface ReceivedTrack {
  mid: string;
  ssrc: number;
}

/**
 * A client without a browser: real ICE, DTLS and SRTP, made-up media. As in the SFU, the engine is only a pipe: told of
 * one media line, it carries packets of any SSRC. It answers key-frame requests, and never asks for a packet again.
 */
export class SyntheticClient {
  readonly sessionId: string;
  readonly arrivals = new Arrivals();
  readonly streams: SyntheticStream[] = [];
  /** Every packet that comes, RTP and RTCP. */
  onPacket: (packet: Buffer) => void = () => {};

  readonly #access: SfuAccess;
  readonly #connection: PeerConnection;
  readonly #track: Track;
  readonly #own: ClientParameters;
  readonly #sections: ClientSection[] = [];
  readonly #received = new Set<number>();
  readonly #connected = Promise.withResolvers<void>();
  #transportSequence = 0;
  #hasRemote = false;

  private constructor(access: SfuAccess, sessionId: string) {
    this.#access = access;
    this.sessionId = sessionId;
    const ice = { iceServers: [], bindAddress: '127.0.0.1', disableAutoNegotiation: true };
    this.#connection = new PeerConnection(sessionId, { ...ice, forceMediaTransport: true });
    this.#connection.onStateChange((state) => {
      if (state === 'failed' || state === 'closed') this.#connected.reject(new Error(`the connection is ${state}`));
    });
    // Who does not wait for the connection does not care how it ends.
    this.#connected.promise.catch(() => {});
    const media = new Video('m', 'SendRecv');
    media.addVP8Codec(96);
    this.#track = this.#connection.addTrack(media);
    this.#track.onOpen(() => this.#connected.resolve());
    this.#track.onMessage((packet) => this.#receive(packet));
    this.#connection.setLocalDescription('offer');
    this.#own = parameters(this.#connection.localDescription()?.sdp ?? '');
  }

  static async open(access: SfuAccess): Promise<SyntheticClient> {
    const { sessionId } = await call<{ sessionId: string }>(access, 'POST', '/sessions/new');
    return new SyntheticClient(access, sessionId);
  }

  /** Resolves when media can flow. */
  get connected(): Promise<void> {
    return this.#connected.promise;
  }

  /** `connected`, or what else the engine says. */
  get state(): string {
    return this.#connection.state();
  }

  /** Publishes by an offer. Nothing is sent until somebody pumps. */
  async publish(plans: readonly StreamPlan[]): Promise<void> {
    const added: SyntheticStream[] = [];
    const tracks = [...Map.groupBy(plans, ({ trackName }) => trackName)].map(([trackName, layers]) => {
      const mid = String(this.#sections.length);
      const streams = layers.map((plan) => new SyntheticStream(plan, mid));
      this.#sections.push({
        kind: layers[0]!.kind,
        mid,
        direction: 'sendonly',
        ssrcs: streams.map(({ ssrc }) => ssrc),
        rids: layers.flatMap(({ rid }) => rid ?? []),
      });
      added.push(...streams);
      return { location: 'local', mid, trackName };
    });
    const { sessionDescription } = await this.#newTracks({ sessionDescription: this.#describe('offer'), tracks });
    this.#adopt(sessionDescription!);
    this.streams.push(...added);
  }

  /** Pulls by the SFU's offer. */
  async pull(tracks: readonly RemoteTrack[]): Promise<ReceivedTrack[]> {
    const { sessionDescription } = await this.#newTracks({
      tracks: tracks.map((track) => ({ location: 'remote', ...track })),
    });
    const known = new Set(this.#sections.map(({ mid }) => mid));
    const received: ReceivedTrack[] = [];
    for (const section of parseSdp(sessionDescription!.sdp).sections) {
      if (section.kind === 'application' || known.has(section.mid)) continue;
      this.#sections.push({ kind: section.kind, mid: section.mid, direction: 'recvonly', ssrcs: [] });
      // The first is the media, a second its retransmissions.
      const [ssrc] = section.ssrcs as [number];
      this.#received.add(ssrc);
      received.push({ mid: section.mid, ssrc });
    }
    const answer = { sessionDescription: this.#describe('answer') };
    await call(this.#access, 'PUT', `/sessions/${this.sessionId}/renegotiate`, answer);
    // Not before: the SFU listens once it has the answer, and the engine's second try comes late.
    this.#adopt(sessionDescription!);
    return received;
  }

  /** Points a section at another track or layer. */
  async update(mid: string, track: RemoteTrack): Promise<void> {
    const body = { tracks: [{ location: 'remote', mid, ...track }] };
    requireTracks(await call<TracksResponse>(this.#access, 'PUT', `/sessions/${this.sessionId}/tracks/update`, body));
  }

  /** Sends what is due. */
  pump(now: number): void {
    if (!this.#track.isOpen()) return;
    const nextTransportSequence = () => (this.#transportSequence = (this.#transportSequence + 1) & 0xffff);
    for (const stream of this.streams)
      stream.pump(now, nextTransportSequence, (packet) => this.#track.sendMessageBinary(packet));
  }

  close(): void {
    this.#track.close();
    this.#connection.close();
  }

  async #newTracks(body: object): Promise<TracksResponse> {
    const response = await call<TracksResponse>(this.#access, 'POST', `/sessions/${this.sessionId}/tracks/new`, body);
    requireTracks(response);
    return response;
  }

  #describe(type: SessionDescription['type']): SessionDescription {
    return { type, sdp: describeClient(this.#own, this.#sections) };
  }

  #adopt({ sdp }: SessionDescription): void {
    if (this.#hasRemote) return;
    this.#hasRemote = true;
    const candidates = sdp.match(/^a=candidate:.*$/m) ?? [];
    this.#connection.setRemoteDescription(describeServer(parameters(sdp), candidates), 'answer');
  }

  #receive(packet: Buffer): void {
    this.onPacket(packet);
    if (!isRtcp(packet)) {
      this.arrivals.receive(packet, this.#received);
      return;
    }
    for (const { type, format, buffer } of splitRtcp(packet)) {
      if (type !== RtcpType.payloadFeedback) continue;
      const ssrc = keyFrameRequestTarget(format, buffer);
      this.streams.find((stream) => stream.ssrc === ssrc)?.requestKeyFrame();
    }
  }
}

function requireTracks({ tracks }: TracksResponse): void {
  const failed = tracks?.find(({ errorCode }) => errorCode);
  if (failed) throw new Error(`the track ${failed.trackName} failed: ${failed.errorCode}`);
}

function parameters(sdp: string): ClientParameters {
  const { client } = parseSdp(sdp);
  if (!client) throw new Error('the description has no ICE and DTLS parameters');
  return client;
}

async function call<T>({ appUrl, appToken }: SfuAccess, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${appUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${appToken}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}
