import type { LiveTrack } from '#protocol';
import type { Clock, SfuEvent, WantedTrack } from '../call/ports.ts';
import type { RemoteTrackState } from '../call/state.ts';
import { SfuEngine } from '../sfu/sfu-engine.ts';
import type { LoopbackSfu } from './loopback-sfu.ts';
import { SyntheticMedia } from './synthetic-media.ts';

export const pageClock: Clock = {
  now: () => performance.now(),
  setTimeout: (run, delay) => {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
};

const WAIT_MS = 8_000;

/** Somebody with the real engine in a call through the loopback SFU. */
export class LoopbackParticipant {
  readonly id: string;
  readonly media = new SyntheticMedia();
  readonly engine: SfuEngine;
  readonly events: SfuEvent[] = [];
  /** The last that was told of each remote track. */
  readonly states = new Map<string, RemoteTrackState>();
  readonly peers: RTCPeerConnection[] = [];
  readonly #sfu: LoopbackSfu;
  readonly #waiting = new Set<() => void>();
  #flowing: { sessionId: string; tracks: LiveTrack[] } = { sessionId: '', tracks: [] };

  constructor(id: string, sfu: LoopbackSfu) {
    this.id = id;
    this.#sfu = sfu;
    this.engine = new SfuEngine({
      clock: pageClock,
      localMedia: this.media,
      createPeerConnection: (configuration) => {
        const peer = new RTCPeerConnection(configuration);
        this.peers.push(peer);
        return peer;
      },
    });
    this.engine.subscribe((event) => this.#hear(event));
  }

  /** My live tracks, as others would want them. */
  get live(): WantedTrack[] {
    const { sessionId, tracks } = this.#flowing;
    return tracks.map((track) => ({ ...track, participantId: this.id, sessionId }));
  }

  get speakers(): string[] {
    return this.events.findLast((event) => event.type === 'speakers')?.speakers ?? [];
  }

  get mutedSpeech(): boolean {
    return this.events.findLast((event) => event.type === 'muted-speech')?.isHeard ?? false;
  }

  /** Connects before the join, and waits until both connections are. */
  async warm(): Promise<void> {
    await this.engine.connect(['microphone', 'camera'], (offers) => this.#sfu.exchange(offers));
    for (const peer of this.peers)
      while (peer.connectionState !== 'connected')
        await new Promise((resolve) => peer.addEventListener('connectionstatechange', resolve, { once: true }));
  }

  /** Joins, pulling what is live, and waits until microphone and camera may be announced. */
  async join(pulled: readonly WantedTrack[] = []): Promise<void> {
    const prepared = await this.engine.prepare();
    const tracks = pulled.map(({ sessionId, trackName }) => ({ location: 'remote' as const, sessionId, trackName }));
    await this.engine.accept(await this.#sfu.join(prepared, tracks), this.#sfu);
    this.engine.want(pulled);
    await this.until(() => this.live.length === 2);
  }

  /** Wants these tracks and waits until all of them play. */
  async watch(tracks: readonly WantedTrack[]): Promise<void> {
    this.engine.want(tracks);
    await this.until(
      () => this.states.size === tracks.length && [...this.states.values()].every(({ status }) => status === 'playing'),
    );
  }

  /** Resolves after the event that makes it true. */
  async until(isTrue: () => boolean): Promise<void> {
    const end = AbortSignal.timeout(WAIT_MS);
    while (!isTrue())
      await new Promise<void>((resolve, reject) => {
        this.#waiting.add(resolve);
        end.addEventListener('abort', () => reject(new Error(`${this.id} waited in vain: ${String(isTrue)}`)));
      });
  }

  close(): void {
    this.engine.close();
    this.media.close();
  }

  #hear(event: SfuEvent): void {
    this.events.push(event);
    if (event.type === 'flowing') this.#flowing = event;
    if (event.type === 'track' && event.state) this.states.set(event.key, event.state);
    if (event.type === 'track' && !event.state) this.states.delete(event.key);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
