import type { Browser } from 'playwright-core';

/** Frames of a moving picture, encoded as VP8 by the browser; the first is a key frame. */
export interface Clip {
  framesPerSecond: number;
  frames: Buffer[];
}

const SIZE = { width: 320, height: 180 };
const FRAMES_PER_SECOND = 15;
const FRAMES = 45;
const BITS_PER_SECOND = 150_000;

/** `pageUrl`: any page that is a secure context. */
export async function recordClip(browser: Browser, pageUrl: string): Promise<Clip> {
  const page = await browser.newPage();
  try {
    await page.goto(pageUrl);
    const settings = { ...SIZE, framesPerSecond: FRAMES_PER_SECOND, count: FRAMES, bitrate: BITS_PER_SECOND };
    const encoded = await page.evaluate(encodeMovingPicture, settings);
    return { framesPerSecond: FRAMES_PER_SECOND, frames: encoded.map((frame) => Buffer.from(frame, 'base64')) };
  } finally {
    await page.close();
  }
}

/** Runs in the page. */
async function encodeMovingPicture(settings: {
  width: number;
  height: number;
  framesPerSecond: number;
  count: number;
  bitrate: number;
}): Promise<string[]> {
  const { width, height, framesPerSecond, count, bitrate } = settings;
  const frames: string[] = [];
  let failure: unknown;
  const encoder = new VideoEncoder({
    output: (chunk) => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      frames.push(btoa(String.fromCharCode(...bytes)));
    },
    error: (error) => (failure = error),
  });
  encoder.configure({ codec: 'vp8', width, height, bitrate, framerate: framesPerSecond, latencyMode: 'realtime' });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  for (let index = 0; index < count; index++) {
    context.fillStyle = `hsl(${(index * 360) / count} 60% 50%)`;
    context.fillRect(0, 0, width, height);
    context.fillStyle = 'white';
    context.fillRect((index * width) / count, height / 3, width / 8, height / 3);
    const frame = new VideoFrame(canvas, { timestamp: (index * 1e6) / framesPerSecond });
    encoder.encode(frame, { keyFrame: index === 0 });
    frame.close();
  }
  await encoder.flush();
  encoder.close();
  if (failure || frames.length === 0) throw new Error(`nothing was encoded: ${String(failure)}`);
  return frames;
}
