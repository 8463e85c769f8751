import { shownColor } from '../testing/synthetic-media.ts';
import { createBlackTrack } from './black-track.ts';

/** Draws until a video shows a frame, and returns the brightest of its colours. */
async function brightness(): Promise<number> {
  const black = createBlackTrack();
  const drawing = setInterval(() => black.draw(performance.now()), 50);
  const color = await shownColor(new MediaStream([black.track]));
  clearInterval(drawing);
  black.track.stop();
  black.draw(performance.now());
  return Math.max(...color);
}

/** Takes a global away until the test is over. Throws where there is none: the test would not be of what it says. */
function hide(name: string): void {
  const property = Object.getOwnPropertyDescriptor(globalThis, name);
  if (!property) throw new Error(`this browser has no ${name}`);
  Reflect.deleteProperty(globalThis, name);
  restoring.push(() => Object.defineProperty(globalThis, name, property));
}

let restoring: (() => void)[] = [];

describe('createBlackTrack', () => {
  afterEach(() => {
    for (const restore of restoring) restore();
    restoring = [];
  });

  it('shows black', async () => {
    const brightest = await brightness();
    if (brightest > 8) throw new Error(`brightness ${brightest}`);
  });

  it('shows black where frames cannot be written', async () => {
    hide('MediaStreamTrackGenerator');
    const brightest = await brightness();
    if (brightest > 8) throw new Error(`brightness ${brightest}`);
  });

  it('shows black where the stream of a canvas is asked for frames, as in Firefox', async () => {
    const { prototype } = CanvasCaptureMediaStreamTrack;
    const { requestFrame } = prototype;
    Reflect.deleteProperty(prototype, 'requestFrame');
    Object.assign(MediaStream.prototype, {
      requestFrame(this: MediaStream) {
        requestFrame.call(this.getVideoTracks()[0] as CanvasCaptureMediaStreamTrack);
      },
    });
    restoring.push(() => {
      prototype.requestFrame = requestFrame;
      Reflect.deleteProperty(MediaStream.prototype, 'requestFrame');
    });
    hide('MediaStreamTrackGenerator');
    hide('CanvasCaptureMediaStreamTrack');
    const brightest = await brightness();
    if (brightest > 8) throw new Error(`brightness ${brightest}`);
  });
});
