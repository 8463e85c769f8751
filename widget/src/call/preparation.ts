import type { Source } from '#protocol';
import { CallError } from './errors.ts';
import type { PreparedMedia, SfuPort } from './ports.ts';

/** Connections and their offers, made ready before a join needs them. */
export class Preparation {
  readonly #sfu: SfuPort;
  #prepared: { sources: readonly Source[]; media: Promise<PreparedMedia> } | undefined;

  constructor(sfu: SfuPort) {
    this.#sfu = sfu;
  }

  /** What the publishing offer has sections for; undefined where nothing was made. */
  get sources(): readonly Source[] | undefined {
    return this.#prepared?.sources;
  }

  /** What there is, where it is for the same sources; else it is made anew. */
  prepare(sources: readonly Source[]): Promise<PreparedMedia> {
    if (this.sources?.join() === sources.join() && this.#prepared) return this.#prepared.media;
    this.discard();
    const media = this.#sfu.prepare(undefined, sources).catch((error: unknown) => {
      if (this.#prepared?.media === media) this.#prepared = undefined;
      throw new CallError('unsupported-browser', String(error), { cause: error });
    });
    this.#prepared = { sources, media };
    return media;
  }

  /** Closes what is not needed. */
  discard(): void {
    if (!this.#prepared) return;
    this.#prepared = undefined;
    this.#sfu.close();
  }

  /** Somebody else has it now, or has closed it. */
  forget(): void {
    this.#prepared = undefined;
  }
}
