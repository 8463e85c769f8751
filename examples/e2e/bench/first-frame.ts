import { chromium, type Browser, type Page } from 'playwright-core';
import { browserArgs, browserPath } from '../../../.ci/browser.ts';
import type { DelayProxy } from './delay-proxy.ts';
import { plainSequentialJoin } from './plain-client.ts';

export interface FirstFrame {
  client: 'widget' | 'plain';
  /** Added to each call to the broker, in milliseconds. */
  delay: number;
  /** From the click to the first remote frame, in milliseconds. */
  elapsed: number;
}

export interface FirstFrameSetup {
  /** The example site, whose pages call the broker through `proxy`. */
  siteUrl: string;
  proxy: DelayProxy;
  delays: readonly number[];
  repetitions: number;
}

/** Joins a room with one publisher in it, again and again, with the widget and with the plain client in turns. */
export async function measureFirstFrames(setup: FirstFrameSetup): Promise<FirstFrame[]> {
  const { siteUrl, proxy, delays, repetitions } = setup;
  const room = 'bench-first-frame';
  const browser = await chromium.launch({ executablePath: await browserPath(), args: browserArgs });
  try {
    proxy.delay = 0;
    const publisher = await openLobby(browser, `${siteUrl}/?room=${room}`);
    await clickJoin(publisher);
    await publisher.getByRole('button', { name: 'Leave', exact: true }).waitFor();

    const results: FirstFrame[] = [];
    for (let repetition = 0; repetition < repetitions; repetition++)
      for (const delay of delays)
        for (const client of ['widget', 'plain'] as const) {
          const join = client === 'widget' ? joinByWidget : joinPlainly;
          results.push({ client, delay, elapsed: await join(browser, setup, room, delay) });
        }
    return results;
  } finally {
    await browser.close();
  }
}

async function joinByWidget(browser: Browser, { siteUrl, proxy }: FirstFrameSetup, room: string, delay: number) {
  proxy.delay = delay;
  const page = await openLobby(browser, `${siteUrl}/?room=${room}`);
  await clickJoin(page);
  const elapsed = await page.evaluate(() => firstFrame);
  await page.getByRole('button', { name: 'Leave', exact: true }).click();
  await page.context().close();
  return elapsed;
}

async function joinPlainly(browser: Browser, { siteUrl, proxy }: FirstFrameSetup, room: string, delay: number) {
  proxy.delay = delay;
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${siteUrl}/plain`);
  const guest = Math.random().toString(36).slice(2);
  const { token } = (await (await fetch(`${siteUrl}/call-token?room=${room}&guest=${guest}`)).json()) as {
    token: string;
  };
  const elapsed = await page.evaluate(plainSequentialJoin, { base: `${proxy.url}/rooms/${room}`, token });
  await context.close();
  return elapsed;
}

async function openLobby(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(timeFirstFrame);
  await page.goto(url);
  await page.getByLabel('Your name').fill('Bench');
  await page.getByRole('button', { name: 'Turn on camera and microphone' }).click();
  await page.getByRole('button', { name: 'Camera', exact: true, pressed: true }).waitFor();
  return page;
}

function clickJoin(page: Page): Promise<void> {
  return page.getByRole('button', { name: 'Join', exact: true }).click();
}

declare global {
  /** Resolves with the time from the last click to the first frame received. */
  var firstFrame: Promise<number>;
}

/** Runs in the page before its own scripts. */
function timeFirstFrame(): void {
  let clicked = 0;
  addEventListener('click', () => (clicked = performance.now()), { capture: true });
  const { promise, resolve } = Promise.withResolvers<number>();
  globalThis.firstFrame = promise;
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('track', ({ track }) => {
        if (track.kind !== 'video') return;
        const video = document.createElement('video');
        video.muted = true;
        video.autoplay = true;
        video.srcObject = new MediaStream([track]);
        document.body.append(video);
        video.requestVideoFrameCallback(() => {
          resolve(performance.now() - clicked);
          video.remove();
        });
      });
    }
  };
}
