import type { Browser, Page } from 'playwright-core';
import type { BenchGroup } from './bench-group.ts';
import { joinButton, openPage, plainSeat } from './join-clients.ts';
import { publishInLayers } from './layered-publishers.ts';
import { withBrowser, type Stage } from './stage.ts';

const CALLS = [4, 10];
const WINDOW = { width: 1280, height: 720 };
const SETTLE_MS = 6_000;
const MEASURE_MS = 8_000;

/** What the SFU sends to one participant who sees everybody, beside the same grid on a screen for which only full size will do. */
export const egressGroup: BenchGroup = {
  name: 'egress',
  title: `what is received in calls of ${CALLS.join(' and ')}`,
  async run({ backstage, isQuick, progress }) {
    const stage = await backstage.stage();
    const raw: { people: number; fitting: Received; full: Received }[] = [];
    const notes: string[] = [];
    for (const people of isQuick ? CALLS.slice(0, 1) : CALLS) {
      progress(`a call of ${people}`);
      try {
        raw.push(await withBrowser((browser) => measureCall(browser, stage, people)));
      } catch (error) {
        // A machine too small for ten may still be large enough for four.
        notes.push(`a call of ${people} was not measured: ${String(error).split('\n')[0]}`);
      }
    }
    return {
      raw,
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

async function measureCall(browser: Browser, stage: Stage, people: number) {
  const room = `bench-egress-${people}`;
  const publishers = await openPage(browser, `${stage.door.site.url}/blank`);
  const seats = await Promise.all(Array.from({ length: people - 1 }, () => plainSeat(stage, room)));
  await publishers.evaluate(publishInLayers, seats);
  const fitting = await measureReceiver(browser, stage, room, people);
  // Twice the pixels in the same window: every tile is too large for any but the best layer.
  const full = await measureReceiver(browser, stage, room, people, 2);
  await publishers.context().close();
  return { people, fitting, full };
}

async function measureReceiver(
  browser: Browser,
  stage: Stage,
  room: string,
  people: number,
  pixelRatio = 1,
): Promise<Received> {
  const page = await openCall(browser, stage, room, pixelRatio);
  await clickJoin(page);
  await page.waitForFunction(areShown, people - 1);
  await page.waitForTimeout(SETTLE_MS);
  const before = await page.evaluate(readReceived);
  await page.waitForTimeout(MEASURE_MS);
  const after = await page.evaluate(readReceived);
  await page.getByRole('button', { name: 'Leave', exact: true }).click();
  await page.context().close();
  const kilobitsPerSecond = ((after.bytes - before.bytes) * 8) / (after.at - before.at);
  return { kilobitsPerSecond, widths: after.widths };
}

async function openCall(browser: Browser, { door, token }: Stage, room: string, pixelRatio: number): Promise<Page> {
  const context = await browser.newContext({ viewport: WINDOW });
  const page = await context.newPage();
  await page.addInitScript(collectConnections, pixelRatio);
  const query = new URLSearchParams({ room, token: await token(room), broker: door.proxy.url });
  await page.goto(`${door.site.url}/call?${query}`);
  await joinButton(page).waitFor();
  return page;
}

async function clickJoin(page: Page): Promise<void> {
  await joinButton(page).click();
  await page.getByRole('button', { name: 'Leave', exact: true }).waitFor();
}

declare global {
  var benchConnections: RTCPeerConnection[];
}

/** Runs in the page before its own scripts. Only the page believes in the pixels: nothing is drawn larger. */
function collectConnections(pixelRatio: number): void {
  Object.defineProperty(globalThis, 'devicePixelRatio', { value: pixelRatio });
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
