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

describe('createBlackTrack', () => {
  it('shows black', async () => {
    const brightest = await brightness();
    if (brightest > 8) throw new Error(`brightness ${brightest}`);
  });

  it('shows black where frames cannot be written', async () => {
    const generator = Object.getOwnPropertyDescriptor(globalThis, 'MediaStreamTrackGenerator');
    if (!generator) throw new Error('this browser has no generator, and the first test was this one');
    Reflect.deleteProperty(globalThis, 'MediaStreamTrackGenerator');
    try {
      const brightest = await brightness();
      if (brightest > 8) throw new Error(`brightness ${brightest}`);
    } finally {
      Object.defineProperty(globalThis, 'MediaStreamTrackGenerator', generator);
    }
  });
});
