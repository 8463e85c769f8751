import type { IceServer, Source } from '#protocol';
import type { SfuEvent, WantedTrack } from '../call/ports.ts';
import { trackKey } from '../call/state.ts';
import { SfuEngine } from '../sfu/sfu-engine.ts';
import { FakeClock } from './fake-clock.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import { FakeSfu } from './fake-sfu.ts';
import { SyntheticMedia } from './synthetic-media.ts';

/** Whose the tracks are that {@link wanted} makes up. */
export const PUBLISHER = 'a'.repeat(32);

/** `camera-3` and `microphone-3` are one person's. */
export function wanted(trackName: string, source: Source = 'camera', sessionId = PUBLISHER): WantedTrack {
  return { participantId: trackName.replace(/^.*-/, 'person-'), sessionId, trackName, source, muted: false, rids: [] };
}

/** An engine on fakes: microphone and camera are captured, nothing is joined. */
export class EngineScene {
  readonly clock = new FakeClock();
  readonly peers: FakePeerConnection[] = [];
  readonly sfu = new FakeSfu(this.clock, this.peers);
  /** What the broker tells of servers that help to connect. */
  iceServers: IceServer[] = [];
  readonly media = new SyntheticMedia();
  readonly events: SfuEvent[] = [];
  readonly states = new Map<string, string>();
  /** Set before the join: whether connections come up. */
  connects = true;
  readonly engine: SfuEngine;

  constructor() {
    this.engine = new SfuEngine({
      clock: this.clock,
      localMedia: this.media,
      random: () => 0.5,
      createPeerConnection: ({ iceServers = [] }) => {
        const peer = new FakePeerConnection(() => this.clock.now());
        peer.servers = iceServers.flatMap(({ urls }) => urls);
        peer.connects = this.connects;
        this.peers.push(peer);
        return peer as unknown as RTCPeerConnection;
      },
    });
    this.engine.subscribe((event) => {
      this.events.push(event);
      if (event.type === 'track' && event.state) this.states.set(event.key, event.state.status);
      if (event.type === 'track' && !event.state) this.states.delete(event.key);
    });
    this.media.set('microphone', { kind: 'audio', enabled: true } as MediaStreamTrack);
    this.media.set('camera', { kind: 'video', enabled: true } as MediaStreamTrack);
  }

  /** The connection that publishes now, or did so last. */
  get publishing(): FakePeerConnection {
    const isPublishing = (peer: FakePeerConnection) => peer.isPublishing;
    return this.open.findLast(isPublishing) ?? this.peers.findLast(isPublishing) ?? this.peers[0]!;
  }

  /** Likewise. */
  get receiving(): FakePeerConnection {
    const isReceiving = (peer: FakePeerConnection) => peer !== this.peers[0] && !peer.isPublishing;
    return this.open.findLast(isReceiving) ?? this.peers.findLast(isReceiving)!;
  }

  /** Connections not closed. */
  get open(): FakePeerConnection[] {
    return this.peers.filter(({ connectionState }) => connectionState !== 'closed');
  }

  /** Where what I publish was announced last. */
  get announcedSession(): string | undefined {
    return this.events.findLast((event) => event.type === 'flowing')?.sessionId;
  }

  get failures(): string[] {
    return this.events.flatMap((event) => (event.type === 'failed' ? [event.error] : []));
  }

  get connections(): string[] {
    return this.events.flatMap((event) => (event.type === 'connection' ? [event.state] : []));
  }

  get flowing(): string[] {
    const last = this.events.findLast((event) => event.type === 'flowing');
    return (last?.tracks ?? []).map(({ source, muted }) => (muted ? `${source} muted` : source));
  }

  /** Tracks live elsewhere, to be wanted. */
  live(...tracks: WantedTrack[]): WantedTrack[] {
    for (const { sessionId, trackName } of tracks) this.sfu.live.add(trackKey(sessionId, trackName));
    return tracks;
  }

  /** Connects before the join, as in a lobby. */
  async warm(sources: readonly Source[] = ['microphone', 'camera']): Promise<void> {
    const connecting = this.engine.connect(sources, async (offers) => ({
      ...(await this.sfu.exchange(offers)),
      iceServers: this.iceServers,
    }));
    await this.clock.advance(500);
    await connecting;
  }

  async join(tracks: readonly WantedTrack[] = [], sources?: readonly Source[]): Promise<void> {
    const prepared = await this.engine.prepare(sources);
    const joining = this.sfu.join(
      prepared,
      tracks.map(({ sessionId, trackName }) => trackKey(sessionId, trackName)),
    );
    await this.clock.advance(100);
    const accepted = this.engine.accept({ ...(await joining), iceServers: this.iceServers }, this.sfu);
    await this.clock.advance(100);
    await accepted;
    this.engine.want(tracks);
    await this.clock.advance(500);
  }

  async want(tracks: readonly WantedTrack[], milliseconds = 1_000): Promise<void> {
    this.engine.want(tracks);
    await this.clock.advance(milliseconds);
  }

  /** Cameras with three layers, live elsewhere. */
  layered(count: number): WantedTrack[] {
    const tracks = Array.from({ length: count }, (_, index) => ({
      ...wanted(`camera-${index}`),
      rids: ['a', 'b', 'c'],
    }));
    for (const { sessionId, trackName } of tracks) this.sfu.layered.add(trackKey(sessionId, trackName));
    return this.live(...tracks);
  }

  statusOf({ sessionId, trackName }: WantedTrack): string | undefined {
    return this.states.get(trackKey(sessionId, trackName));
  }
}
