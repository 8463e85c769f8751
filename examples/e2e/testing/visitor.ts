import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { browserArgs, browserPath } from '../../../.ci/browser.ts';
import { countOpenConnections, installProbe, readEnergies, readLiveCaptures } from './page-probe.ts';

/** Chromium with fake devices; `extraArgs` come after the usual ones. */
export async function launchBrowser(extraArgs: readonly string[] = [], without?: RegExp): Promise<Browser> {
  const args = browserArgs.filter((arg) => !without?.test(arg));
  return chromium.launch({ executablePath: await browserPath(), args: [...args, ...extraArgs] });
}

/** A room that no other test is in. */
export function newRoom(): string {
  return `room-${randomUUID()}`;
}

/** The demo page of a room. */
export function demoUrl(room: string): string {
  return `${inject('siteUrl')}/?room=${room}`;
}

export interface VisitorOptions extends BrowserContextOptions {
  /** Called before the page is opened. */
  prepare?: (page: Page) => Promise<unknown>;
}

/** Somebody in a browser window of their own, with nothing shared with others. */
export class Visitor {
  readonly page: Page;
  /** Everything the page complained of: errors, warnings, uncaught exceptions. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      // The browser's own line about an answer such as 401; no page can prevent it.
      if (!message.text().startsWith('Failed to load resource')) this.complaints.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, { prepare, ...options }: VisitorOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 1024, height: 768 }, ...options });
    const page = await context.newPage();
    await context.addInitScript(installProbe);
    await prepare?.(page);
    const visitor = new Visitor(page);
    await page.goto(url);
    return visitor;
  }

  /** The same tab once more, as a browser duplicates it: with a copy of its session storage. */
  async duplicate(): Promise<Visitor> {
    const opened = this.page.context().waitForEvent('page');
    await this.page.evaluate(() => void window.open(location.href));
    return new Visitor(await opened);
  }

  /** Opens the demo page of `room` and joins as `name` with camera and microphone. */
  static async join(browser: Browser, room: string, name: string, options?: VisitorOptions): Promise<Visitor> {
    const visitor = await Visitor.open(browser, demoUrl(room), options);
    await visitor.askToJoin(name);
    await visitor.isInCall();
    return visitor;
  }

  /** Goes through the lobby as `name`, with camera and microphone. */
  async askToJoin(name: string): Promise<void> {
    await this.enterName(name);
    await this.turnOnDevices();
    await this.clickJoin();
  }

  enterName(name: string): Promise<void> {
    return this.page.getByLabel('Your name').fill(name);
  }

  async turnOnDevices(): Promise<void> {
    await this.page.getByRole('button', { name: 'Turn on camera and microphone' }).click();
    await expect.poll(() => this.liveCaptures()).toHaveLength(2);
  }

  clickJoin(): Promise<void> {
    return this.press('Join');
  }

  isInCall(): Promise<void> {
    return this.page.getByRole('button', { name: 'Leave', exact: true }).waitFor();
  }

  press(name: string): Promise<void> {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Presses a control of the call that is off, and waits until it is on; or the other way round. */
  async switch(source: 'Microphone' | 'Camera' | 'Share screen', on: boolean): Promise<void> {
    await this.page.getByRole('button', { name: source, exact: true, pressed: !on }).click();
    await this.page.getByRole('button', { name: source, exact: true, pressed: on }).waitFor();
  }

  /** The picture and name of a participant; `Ada (you)` is one's own. */
  tile(name: string): Locator {
    return this.page.getByRole('list', { name: 'Participants' }).getByRole('listitem').filter({ hasText: name });
  }

  tiles(): Locator {
    return this.page.getByRole('list', { name: 'Participants' }).getByRole('listitem');
  }

  /** Resolves once the video in `place` has shown several new frames, without starting again meanwhile. */
  async seesFramesIn(place: Locator): Promise<void> {
    const video = place.locator('video');
    await video.waitFor();
    const start = await video.evaluate(countFrames);
    let last = start;
    await expect
      .poll(
        async () => {
          const count = await video.evaluate(countFrames);
          if (count < last) throw new Error(`the picture started again after ${last} frames`);
          last = count;
          return count - start;
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThan(30);
  }

  /** How many of the sounds received grow in energy over a second of listening. */
  async countSounds(): Promise<number> {
    const before = await this.page.evaluate(readEnergies);
    // The fake microphone beeps once a second: a shorter look could fall between two beeps.
    await this.page.waitForTimeout(1500);
    const after = await this.page.evaluate(readEnergies);
    return Object.entries(after).filter(([id, energy]) => energy - (before[id] ?? 0) > 1e-4).length;
  }

  /** Cameras, microphones and screens that are open now. */
  liveCaptures(): Promise<string[]> {
    return this.page.evaluate(readLiveCaptures);
  }

  openConnections(): Promise<number> {
    return this.page.evaluate(countOpenConnections);
  }

  /** A picture for people to look at, in the folder `coverage`. */
  async screenshot(name: string): Promise<void> {
    const path = fileURLToPath(new URL(`../../../coverage/e2e/${name}.png`, import.meta.url));
    await this.page.screenshot({ path });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

function countFrames(video: Element): number {
  if (!(video instanceof HTMLVideoElement) || video.videoWidth === 0) return 0;
  return video.getVideoPlaybackQuality().totalVideoFrames;
}
