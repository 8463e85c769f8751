import { spawnSync } from 'node:child_process';
import { firefox, type Browser, type Page } from 'playwright-core';
import { Namespace } from '../bench/namespace.ts';

const PATHS = [process.env['FIREFOX_PATH'], '/usr/bin/firefox-esr', '/usr/bin/firefox'];

/** Fake camera and microphone, no prompt, sound without a gesture. */
const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
};

/** Why there can be no call with Firefox here. */
export function firefoxObstacle(): string | undefined {
  if (!firefoxPath()) return 'this machine has no Firefox ("apt-get install firefox-esr" brings it)';
  const obstacle = Namespace.obstacle();
  if (obstacle) return `Firefox sends no media to loopback, and for another address ${obstacle}`;
  try {
    Namespace.create().remove();
    return undefined;
  } catch (error) {
    return `Firefox sends no media to loopback, and this machine gave no other address: ${String(error)}`;
  }
}

/** The machine's own Firefox, with {@link PREFERENCES}. */
export async function launchFirefox(): Promise<Browser> {
  const browser = await firefox.launch({
    channel: 'moz-firefox',
    executablePath: firefoxPath() ?? '',
    firefoxUserPrefs: PREFERENCES,
  });
  allowWithoutMediaFeatures(browser);
  return browser;
}

function firefoxPath(): string | undefined {
  return PATHS.find((path) => path && spawnSync(path, ['--version'], { timeout: 15_000 }).status === 0);
}

/** What lies behind the library's own objects: no part of its interface. */
interface Internals {
  _connection: { toImpl(browser: Browser): { _browserSession: Session } };
}
interface Session {
  send(method: string, params: unknown): Promise<unknown>;
}

/** The library sets media features for each context, which Firefox of this age does not know of and refuses. */
function allowWithoutMediaFeatures(browser: Browser): void {
  const session = (firefox as unknown as Internals)._connection.toImpl(browser)._browserSession;
  const send = session.send.bind(session);
  session.send = (method, params) =>
    method === 'emulation.setMediaFeaturesOverride' ? Promise.resolve({}) : send(method, params);
}

/** For each page of it, before it is opened. */
export async function prepareFirefox(page: Page): Promise<void> {
  await page.addInitScript(countFramesOfStreams);
}

/** Runs in the page: of a stream's frames Firefox counts none, so they are counted as they are shown. */
function countFramesOfStreams(): void {
  const counts = new WeakMap<HTMLVideoElement, number>();
  const { getVideoPlaybackQuality } = HTMLVideoElement.prototype;
  HTMLVideoElement.prototype.getVideoPlaybackQuality = function () {
    const count = () => {
      counts.set(this, (counts.get(this) ?? 0) + 1);
      this.requestVideoFrameCallback(count);
    };
    if (!counts.has(this)) {
      counts.set(this, 0);
      this.requestVideoFrameCallback(count);
    }
    const quality = getVideoPlaybackQuality.call(this);
    return Object.defineProperty(quality, 'totalVideoFrames', { value: counts.get(this) });
  };
}
