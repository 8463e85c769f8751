import { SOURCE_KIND, type LiveTrack, type LocalTrackRequest, type Source } from '#protocol';
import type { Clock, Unsubscribe } from '../call/ports.ts';
import { awaitFlow } from './flow-gate.ts';
import { encodingsFor, ridsOf, sendLayers } from './layers.ts';
import type { LocalMedia } from './local-media.ts';
import type { Placeholders } from './placeholder.ts';

/** One published source: its sending section, the track that runs through it, and whether packets do. */
export class Publication {
  readonly source: Source;
  readonly trackName: string;
  readonly transceiver: RTCRtpTransceiver;
  readonly #clock: Clock;
  /** `waiting`: the SFU knows the track, and no packet has left yet. Only a `flowing` one may be announced. */
  #phase: 'offered' | 'waiting' | 'flowing' | 'ended' = 'offered';
  #stopWaiting: Unsubscribe | undefined;
  #track: MediaStreamTrack | null = null;
  #isSwapping = false;
  #best: string | undefined;
  #limiting: Promise<void> = Promise.resolve();

  constructor(peer: RTCPeerConnection, source: Source, { clock, generation }: { clock: Clock; generation: string }) {
    this.source = source;
    this.trackName = `${source}-${generation}`;
    this.#clock = clock;
    // Without a track: the offer is complete before any device answers.
    this.transceiver = peer.addTransceiver(SOURCE_KIND[source], {
      direction: 'sendonly',
      sendEncodings: encodingsFor(source),
    });
  }

  get isFlowing(): boolean {
    return this.#phase === 'flowing';
  }

  /** To be called once the offer is set: the mid is not known before. */
  request(): LocalTrackRequest {
    return { location: 'local', mid: this.transceiver.mid ?? '', trackName: this.trackName };
  }

  describe(media: LocalMedia): LiveTrack {
    const { trackName, source } = this;
    return { trackName, source, muted: media.isMuted(source), rids: ridsOf(this.transceiver.sender) };
  }

  /** The SFU took the track: waits for its first packet. */
  begin(onFlow: () => void): void {
    if (this.#phase !== 'offered') return;
    this.#phase = 'waiting';
    this.#stopWaiting = awaitFlow(this.transceiver.sender, this.#clock, () => {
      this.#phase = 'flowing';
      onFlow();
    });
  }

  /** Sends what the source has now. Never a negotiation, and of several quick changes the last one wins. */
  async attach(media: LocalMedia, placeholders: Placeholders): Promise<void> {
    this.#track = media.track(this.source) ?? placeholders.track(SOURCE_KIND[this.source]);
    if (this.#isSwapping) return;
    this.#isSwapping = true;
    try {
      while (this.#phase !== 'ended' && this.transceiver.sender.track !== this.#track)
        await this.transceiver.sender.replaceTrack(this.#track);
    } finally {
      this.#isSwapping = false;
    }
  }

  /** Sends no layer better than this one; undefined: all. The smallest goes on in any case, and keeps the track alive. */
  limitLayers(best: string | undefined): Promise<void> {
    this.#best = best;
    // One after the other: parameters are refused once others were read, or set.
    return (this.#limiting = this.#limiting
      .then(() => sendLayers(this.transceiver.sender, this.#best))
      .catch(() => undefined));
  }

  end(): void {
    this.#phase = 'ended';
    this.#stopWaiting?.();
  }
}
