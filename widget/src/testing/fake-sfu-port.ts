import { compact, type JoinMedia, type PrepareResponse, type Source } from '#protocol';
import type { ExchangeOffers, PreparedMedia, SfuEvent, SfuPort, Unsubscribe, WantedTrack } from '../call/ports.ts';

/** WebRTC without WebRTC. */
export class FakeSfuPort implements SfuPort {
  /** The sources of every `prepare`. */
  readonly prepares: (readonly Source[])[] = [];
  readonly accepts: { publish?: JoinMedia; receive?: JoinMedia }[] = [];
  readonly wants: (readonly WantedTrack[])[] = [];
  wakes = 0;
  readonly demands: (string | undefined)[] = [];
  /** Do connections exist? */
  isOpen = false;
  /** What `prepare` or `accept` fails with. */
  prepareError: Error | undefined;
  acceptError: Error | undefined;
  /** The answers to the offers that were exchanged before a join. */
  readonly connects: PrepareResponse[] = [];
  isStale = false;
  readonly #listeners = new Set<(event: SfuEvent) => void>();

  async connect(sources: readonly Source[], exchange: ExchangeOffers): Promise<void> {
    this.isOpen = true;
    const offers = ['receive', ...(sources.length > 0 ? ['publish'] : [])];
    this.connects.push(await exchange(offers.map((sdp) => ({ type: 'offer', sdp }))));
  }

  async prepare(sources: readonly Source[] = ['microphone', 'camera']): Promise<PreparedMedia> {
    this.prepares.push(sources);
    if (this.prepareError) throw this.prepareError;
    this.isOpen = true;
    const tracks = sources.map((source, mid) => ({
      location: 'local' as const,
      mid: String(mid),
      trackName: `${source}-1`,
    }));
    const [receiving, publishing] = this.connects.at(-1)?.sessions.map(({ prepared }) => prepared) ?? [];
    const offer = (sdp: string, prepared?: string) => {
      return compact({ prepared, sessionDescription: { type: 'offer' as const, sdp } });
    };
    return {
      ...(tracks.length > 0 && { publish: { ...offer('publish', publishing), tracks } }),
      receive: offer('receive', receiving),
    };
  }

  async accept(media: { publish?: JoinMedia; receive?: JoinMedia }): Promise<void> {
    this.accepts.push(media);
    if (this.acceptError) throw this.acceptError;
  }

  want(tracks: readonly WantedTrack[]): void {
    this.wants.push(tracks);
  }

  wake(): void {
    this.wakes += 1;
  }

  demand(rid: string | undefined): void {
    this.demands.push(rid);
  }

  close(): void {
    this.connects.length = 0;
    this.isStale = false;
    this.isOpen = false;
  }

  subscribe(listener: (event: SfuEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: SfuEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
