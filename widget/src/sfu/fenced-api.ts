import type { JoinMedia } from '#protocol';
import type { SfuApi } from '../call/ports.ts';
import { QueueClosedError } from './operation-queue.ts';

/**
 * The SFU's calls for one connection. Once it is retired nothing more begins, and everything it holds at the SFU is given
 * back, also what the answer brings that was under way.
 */
export class FencedApi implements SfuApi {
  readonly #api: SfuApi;
  #sessionId = '';
  readonly #mids = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();
  #isRetired = false;

  constructor(api: SfuApi, joined?: JoinMedia) {
    this.#api = api;
    if (joined && 'sessionId' in joined) {
      this.#sessionId = joined.sessionId;
      this.#note(joined.tracks);
    }
  }

  getSession: SfuApi['getSession'] = (id) => this.#run(() => this.#api.getSession(id));

  newSession: SfuApi['newSession'] = () =>
    this.#run(async () => {
      const made = await this.#api.newSession();
      this.#sessionId = made.sessionId;
      return made;
    });

  newTracks: SfuApi['newTracks'] = (id, request) =>
    this.#run(async () => {
      const answer = await this.#api.newTracks(id, request);
      this.#note(answer.tracks);
      return answer;
    });

  renegotiate: SfuApi['renegotiate'] = (id, request) => this.#run(() => this.#api.renegotiate(id, request));

  updateTracks: SfuApi['updateTracks'] = (id, request) => this.#run(() => this.#api.updateTracks(id, request));

  closeTracks: SfuApi['closeTracks'] = (id, request) =>
    this.#run(async () => {
      const answer = await this.#api.closeTracks(id, request);
      for (const { mid } of request.tracks) this.#mids.delete(mid);
      return answer;
    });

  /** Nobody uses the connection any more. Resolves once everything was given back; never rejects. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    await Promise.allSettled(this.#underWay);
    const tracks = [...this.#mids].map((mid) => ({ mid }));
    // Where the session is gone there is nothing to close, and what is left without packets the SFU collects by itself.
    if (tracks.length > 0) await this.#api.closeTracks(this.#sessionId, { tracks, force: true }).catch(() => undefined);
  }

  async #run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isRetired) throw new QueueClosedError('call');
    const answer = call();
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  #note(tracks: readonly { mid: string }[]): void {
    // A track that failed has no mid.
    for (const { mid } of tracks) if (mid !== '') this.#mids.add(mid);
  }
}
