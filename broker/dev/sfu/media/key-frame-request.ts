import { KEY_FRAME_REQUEST_MS } from '../timings.ts';

/**
 * When to ask a publisher for a key frame: at once where none was asked for lately, then again and again until it
 * comes, because a browser silently ignores a request that follows a key frame too closely.
 */
export class KeyFrameRequest {
  #wanted = false;
  #askedAt = -Infinity;

  /** Somebody needs a key frame. */
  want(): void {
    this.#wanted = true;
  }

  /** A key frame came. A request still open would only cost the next subscriber its turn. */
  arrived(): void {
    this.#wanted = false;
  }

  /** True where the request is to be sent now; it counts as sent. */
  due(now: number): boolean {
    if (!this.#wanted || now - this.#askedAt < KEY_FRAME_REQUEST_MS) return false;
    this.#askedAt = now;
    return true;
  }
}
