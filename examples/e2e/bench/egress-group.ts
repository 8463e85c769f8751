import type { Browser, Page } from 'playwright-core';
import type { BenchGroup } from './bench-group.ts';
import { joinButton } from './join-clients.ts';
import { bitsPerSecond, recordClip, type Clip } from './record-clip.ts';
import { withBrowser, type Stage } from './stage.ts';
import { fillRoom } from './synthetic-member.ts';

const CALLS = [4, 10];
/** A camera as the widget sends it, best layer first. */
const LAYERS = [
  { rid: 'a', width: 960, height: 540, bitsPerSecond: 1_200_000 },
  { rid: 'b', width: 480, height: 270, bitsPerSecond: 350_000 },
  { rid: 'c', width: 240, height: 135, bitsPerSecond: 120_000 },
];
const FULL_WIDTH = LAYERS[0]!.width;
const DETAILS = 60;
const WINDOW = { width: 1280, height: 720 };
const MEASURE_MS = 8_000;
/** Nothing has changed for so long: whatever layers were asked for are here. */
const SETTLED_MS = 3_000;
const PATIENCE_MS = 30_000;
const JOIN_MS = 60_000;

/** What the SFU sends to one participant who sees everybody, beside the same grid on a screen for which only full size will do. */
export const egressGroup: BenchGroup = {
  name: 'egress',
  title: `what is received in calls of ${CALLS.join(' and ')}`,
  async run({ backstage, progress }) {
    const stage = await backstage.stage();
    const layers = await withBrowser((browser) => recordLayers(browser, `${stage.door.site.url}/blank`));
    const raw: { people: number; fitting: Received; full: Received }[] = [];
    for (const people of CALLS) {
      progress(`a call of ${people}`);
      raw.push(await withBrowser((browser) => measureCall(browser, stage, people, layers)));
    }
    const notes = raw.flatMap(({ people, full }) => {
      const late = people - 1 - full.widths.filter((width) => width >= FULL_WIDTH).length;
      return late > 0
        ? `of ${people - 1} cameras ${late} did not come at full size: the ratio is better than shown`
        : [];
    });
    return {
      raw: { layers: layers.map((layer) => ({ rid: layer.rid, bitsPerSecond: bitsPerSecond(layer) })), calls: raw },
      notes,
      rows: raw.map(({ people, fitting, full }) => ({
        what: `grid of ${people} in ${WINDOW.width} by ${WINDOW.height}: received`,
        unit: 'kbit/s',
        here: fitting.kilobitsPerSecond,
        beside: { what: 'every camera at full size', figure: full.kilobitsPerSecond },
        ...(people === 10 && { budget: { of: 'ratio' as const, most: 1 / 3 } }),
      })),
    };
  },
};

interface Received {
  kilobitsPerSecond: number;
  /** Of each picture. */
  widths: number[];
}

function recordLayers(browser: Browser, pageUrl: string): Promise<Clip[]> {
  return Promise.all(
    LAYERS.map(async ({ rid, ...size }) => ({
      ...(await recordClip(browser, pageUrl, { ...size, details: DETAILS })),
      rid,
    })),
  );
}

async function measureCall(browser: Browser, stage: Stage, people: number, layers: readonly Clip[]) {
  const room = `bench-egress-${people}`;
  const members = await fillRoom(stage, room, people - 1, ...layers);
  const page = await openCall(browser, stage, room);
  await joinButton(page).click();
  await page.waitForFunction(areShown, people - 1, { timeout: JOIN_MS });
  const fitting = await measureReceived(page, people - 1);
  // Twice the pixels in the same window: every tile is too large for any but the best layer.
  await page.evaluate(() => (globalThis.benchPixelRatio = 2));
  // Tiles tell their sizes when those change.
  await page.setViewportSize({ width: WINDOW.width - 16, height: WINDOW.height - 9 });
  const full = await measureReceived(page, people - 1, FULL_WIDTH);
  for (const member of members) member.leave();
  return { people, fitting, full };
}

/** Once so many pictures come, `leastWidth` wide, and none of them changes its size any more; or late, as things are then. */
async function measureReceived(page: Page, count: number, leastWidth = 1): Promise<Received> {
  const start = performance.now();
  let before = await page.evaluate(readReceived);
  for (let since = start; performance.now() - since < SETTLED_MS && performance.now() - start < PATIENCE_MS;) {
    await page.waitForTimeout(500);
    const now = await page.evaluate(readReceived);
    const widths = now.widths.filter((width) => width >= leastWidth);
    if (widths.length !== count || now.widths.join() !== before.widths.join()) since = performance.now();
    before = now;
  }
  await page.waitForTimeout(MEASURE_MS);
  const after = await page.evaluate(readReceived);
  const kilobitsPerSecond = ((after.bytes - before.bytes) * 8) / (after.at - before.at);
  return { kilobitsPerSecond, widths: after.widths };
}

async function openCall(browser: Browser, { door, token }: Stage, room: string): Promise<Page> {
  const context = await browser.newContext({ viewport: WINDOW });
  const page = await context.newPage();
  await page.addInitScript(prepareCall);
  const query = new URLSearchParams({ room, token: await token(room), broker: door.proxy.url });
  await page.goto(`${door.site.url}/call?${query}`);
  await joinButton(page).waitFor();
  return page;
}

declare global {
  var benchConnections: RTCPeerConnection[];
  var benchPixelRatio: number;
}

/** Runs in the page before its own scripts. Only the page believes in the pixels: nothing is drawn larger. */
function prepareCall(): void {
  globalThis.benchPixelRatio = 1;
  Object.defineProperty(globalThis, 'devicePixelRatio', { get: () => benchPixelRatio });
  const connections: RTCPeerConnection[] = [];
  globalThis.benchConnections = connections;
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  };
}

/** Runs in the page: are so many pictures shown? */
function areShown(count: number): boolean {
  const videos = (root: ParentNode): HTMLVideoElement[] =>
    [...root.querySelectorAll('*')].flatMap((element) => [
      ...(element instanceof HTMLVideoElement && element.classList.contains('shown') ? [element] : []),
      ...(element.shadowRoot ? videos(element.shadowRoot) : []),
    ]);
  return videos(document).length === count;
}

/** Runs in the page: bytes of media with their headers, and the pictures' widths. */
async function readReceived(): Promise<{ at: number; bytes: number; widths: number[] }> {
  let bytes = 0;
  const widths: number[] = [];
  for (const connection of benchConnections)
    for (const report of (await connection.getStats()).values() as Iterable<Record<string, unknown>>) {
      if (report['type'] !== 'inbound-rtp') continue;
      bytes += Number(report['bytesReceived']) + Number(report['headerBytesReceived']);
      if (report['kind'] === 'video' && typeof report['frameWidth'] === 'number') widths.push(report['frameWidth']);
    }
  return { at: performance.now(), bytes, widths };
}
