declare global {
  /** Resolves with the milliseconds from the last click, or `clickNow()`, to the first remote picture that is shown. */
  var firstFrame: Promise<number>;
  var clickNow: () => void;
  /** Every connection that the page has made. */
  var peers: RTCPeerConnection[];
}

/** Runs in a page before its own scripts, whatever client it has. */
export function timeFirstFrame(): void {
  let clickedAt = 0;
  globalThis.clickNow = () => (clickedAt = performance.now());
  addEventListener('click', () => clickNow(), { capture: true });
  const { promise, resolve } = Promise.withResolvers<number>();
  globalThis.firstFrame = promise;
  globalThis.peers = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(this);
      this.addEventListener('track', ({ track }) => {
        if (track.kind !== 'video') return;
        const video = document.createElement('video');
        video.muted = true;
        video.autoplay = true;
        video.srcObject = new MediaStream([track]);
        document.body.append(video);
        video.requestVideoFrameCallback(() => {
          resolve(performance.now() - clickedAt);
          video.remove();
        });
      });
    }
  };
}
