import type { Browser } from 'playwright-core';

/** Frames of a moving picture, encoded as VP8 by the browser; the first is a key frame. */
export interface Clip {
  framesPerSecond: number;
  frames: Buffer[];
  /** Where it is a layer of simulcast: which. */
  rid?: string;
}

/** What a clip is to be. */
export interface ClipPlan {
  width: number;
  height: number;
  bitsPerSecond: number;
  /** So many small things are new in each frame: an encoder finds a use for its whole rate. */
  details: number;
}

const SMALL: ClipPlan = { width: 320, height: 180, bitsPerSecond: 150_000, details: 0 };
const FRAMES_PER_SECOND = 15;
const FRAMES = 45;

/** `pageUrl`: any page that is a secure context. */
export async function recordClip(browser: Browser, pageUrl: string, plan = SMALL): Promise<Clip> {
  const page = await browser.newPage();
  try {
    await page.goto(pageUrl);
    const settings = { ...plan, framesPerSecond: FRAMES_PER_SECOND, count: FRAMES };
    const encoded = await page.evaluate(encodeMovingPicture, settings);
    return { framesPerSecond: FRAMES_PER_SECOND, frames: encoded.map((frame) => Buffer.from(frame, 'base64')) };
  } finally {
    await page.close();
  }
}

/** On average, its key frame among them. */
export function bitsPerSecond({ frames, framesPerSecond }: Clip): number {
  return (frames.reduce((bytes, frame) => bytes + frame.length, 0) * 8 * framesPerSecond) / frames.length;
}

/** Runs in the page. */
async function encodeMovingPicture(settings: ClipPlan & { framesPerSecond: number; count: number }): Promise<string[]> {
  const { width, height, framesPerSecond, count, bitsPerSecond: bitrate, details } = settings;
  const frames: string[] = [];
  let failure: unknown;
  const encoder = new VideoEncoder({
    output: (chunk) => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      frames.push(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')));
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
    for (let detail = 0; detail < details; detail++) {
      context.fillStyle = `hsl(0 0% ${Math.random() * 100}%)`;
      context.fillRect(Math.random() * width, Math.random() * height, width / 40, height / 24);
    }
    const frame = new VideoFrame(canvas, { timestamp: (index * 1e6) / framesPerSecond });
    encoder.encode(frame, { keyFrame: index === 0 });
    frame.close();
  }
  await encoder.flush();
  encoder.close();
  if (failure || frames.length === 0) throw new Error(`nothing was encoded: ${String(failure)}`);
  return frames;
}
