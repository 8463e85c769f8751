const WIDTH = 160;
const HEIGHT = 90;
const PIXELS = WIDTH * HEIGHT;

/** A black picture that sends a frame whenever it is drawn. */
export interface BlackTrack {
  track: MediaStreamTrack;
  /** `now` in milliseconds. */
  draw(now: number): void;
}

/** Chromium's alone, and unknown to the DOM library. Source: W3C mediacapture-transform, first public draft. */
interface TrackGenerator extends MediaStreamTrack {
  readonly writable: WritableStream<VideoFrame>;
}
type TrackGeneratorClass = new (options: { kind: 'video' }) => TrackGenerator;

/** Frames are written where the browser allows it: a canvas draws none while its tab is hidden. */
export function createBlackTrack(): BlackTrack {
  const { MediaStreamTrackGenerator } = globalThis as { MediaStreamTrackGenerator?: TrackGeneratorClass };
  return MediaStreamTrackGenerator ? writeTo(new MediaStreamTrackGenerator({ kind: 'video' })) : captureCanvas();
}

function writeTo(track: TrackGenerator): BlackTrack {
  const writer = track.writable.getWriter();
  // I420: full luma at its black, then two quarter planes without colour.
  const black = new Uint8Array((PIXELS * 3) / 2).fill(16, 0, PIXELS).fill(128, PIXELS);
  return {
    track,
    draw(now) {
      const frame = new VideoFrame(black, {
        format: 'I420',
        codedWidth: WIDTH,
        codedHeight: HEIGHT,
        timestamp: now * 1_000,
      });
      // It rejects once the track has been stopped.
      writer.write(frame).catch(() => frame.close());
    },
  };
}

/** What asks a canvas for a frame. */
interface FrameSource {
  requestFrame(): void;
}

function captureCanvas(): BlackTrack {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d');
  // Zero: a frame is captured only when asked for.
  const stream = canvas.captureStream(0);
  const [track] = stream.getVideoTracks();
  // The track is asked for it, in Firefox the stream.
  const source = [track, stream].find((one) => one && 'requestFrame' in one) as FrameSource | undefined;
  if (!context || !track || !source) throw new Error('the canvas has no video track');
  return {
    track,
    draw() {
      // Without a change to the canvas, there would be no frame.
      context.fillRect(0, 0, WIDTH, HEIGHT);
      source.requestFrame();
    },
  };
}
