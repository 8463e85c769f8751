/** Finds a Chromium for every test that needs one: the machine's own, else the one in the npm package. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
  'C:/Program Files (x86)/Google/Chrome/Application/chrome.exe',
];
const CACHE = fileURLToPath(new URL('../node_modules/.cache/chromium', import.meta.url));

/** Fake camera and microphone, no prompt, sound without a gesture, WebRTC over loopback. */
export const browserArgs = [
  '--use-fake-device-for-media-stream=fps=30',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--allow-loopback-in-peer-connection',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--no-first-run',
  // Root, containers and AppArmor all need it; the pages are our own.
  '--no-sandbox',
];

let found: Promise<string> | undefined;

/** Path of a Chromium that runs; `CHROME_PATH` decides where it is set. Throws with the mend where there is none. */
export function browserPath(): Promise<string> {
  return (found ??= findBrowser());
}

async function findBrowser(): Promise<string> {
  const chosen = process.env['CHROME_PATH'];
  if (chosen) {
    if (runs(chosen)) return chosen;
    throw new Error(`CHROME_PATH is ${chosen}, which does not run.`);
  }
  const path = onPath().find(runs) ?? PLACES.find(runs) ?? (await packaged());
  if (path) return path;
  throw new Error(
    'The browser tests need Chromium or Chrome, and none was found. Any one of these will do: ' +
      '"apt-get install chromium" (Debian), "brew install --cask google-chrome" (macOS), CHROME_PATH=/path/to/chrome.',
  );
}

function onPath(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** To exist is not enough: a distribution's chromium may be a stub that asks for a snap. */
function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return false;
  }
  if (process.platform === 'win32') return true;
  const { stdout } = spawnSync(path, ['--version', '--no-sandbox'], { encoding: 'utf8', timeout: 15_000 });
  return /\d+\.\d+/.test(stdout ?? '');
}

/** Chromium's headless shell out of @sparticuz/chromium: Linux x64 with glibc, no root, nothing fetched at run time. */
async function packaged(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const { default: chromium, inflate, setupLambdaEnvironment } = await import('@sparticuz/chromium');
  mkdirSync(CACHE, { recursive: true });
  const temporary = process.env['TMPDIR'];
  // It unpacks into the temporary folder and trusts what it finds there: give it one of our own.
  process.env['TMPDIR'] = CACHE;
  try {
    const path = await chromium.executablePath();
    useFonts();
    if (!runs(path)) {
      // No NSS on this machine: use the libraries in the package.
      await inflate(fileURLToPath(new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'))));
      setupLambdaEnvironment(join(CACHE, 'al2023', 'lib'));
    }
    return runs(path) ? path : undefined;
  } finally {
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
  }
}

/** The package's own font configuration looks in one fixed place; without any font, text has no size. */
function useFonts(): void {
  if (process.env['FONTCONFIG_FILE']) return;
  const path = join(CACHE, 'fonts.conf');
  if (!existsSync(path))
    writeFileSync(
      path,
      '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>' +
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>' +
        `<dir>${CACHE}/fonts</dir><cachedir>${CACHE}/fonts-cache</cachedir></fontconfig>`,
    );
  process.env['FONTCONFIG_FILE'] = path;
}
