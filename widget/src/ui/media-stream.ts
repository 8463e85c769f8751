import { noChange } from 'lit';
import { AsyncDirective } from 'lit/async-directive.js';
import { directive, PartType, type ElementPart, type PartInfo } from 'lit/directive.js';

/**
 * `<video ${mediaStream(stream)}>`: plays the stream without touching `srcObject` while it stays the same, and
 * lets go of it when the element leaves the page, or the decoder would go on working.
 */
class MediaStreamDirective extends AsyncDirective {
  #video: HTMLVideoElement | undefined;
  #stream: MediaStream | undefined;

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new TypeError('mediaStream belongs on an element');
  }

  override render(_stream: MediaStream | undefined): unknown {
    return noChange;
  }

  override update(part: ElementPart, [stream]: [MediaStream | undefined]): unknown {
    this.#video = part.element as HTMLVideoElement;
    this.#stream = stream;
    this.#show(stream);
    return noChange;
  }

  protected override disconnected(): void {
    this.#show(undefined);
  }

  protected override reconnected(): void {
    this.#show(this.#stream);
  }

  #show(stream: MediaStream | undefined): void {
    const video = this.#video;
    if (!video || video.srcObject === (stream ?? null)) return;
    // The property, for an attribute set after creation mutes nothing in some browsers, and sound stops autoplay.
    video.muted = true;
    video.srcObject = stream ?? null;
    // Rejected where the next stream comes first, or power saving forbids: `autoplay` tries again by itself.
    if (stream) video.play().catch(() => {});
  }
}

export const mediaStream = directive(MediaStreamDirective);
