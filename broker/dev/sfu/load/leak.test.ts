import { queryObjects } from 'node:v8';
import { PeerConnection } from 'node-datachannel';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { FaultClient } from '../faults/fault-client.ts';
import { PacketPath } from '../faults/packet-path.ts';
import { UdpRelay } from '../faults/udp-relay.ts';
import { Publication } from '../media/publication.ts';
import { Subscription } from '../media/subscription.ts';
import { SfuSession } from '../session/sfu-session.ts';
import { startSfu, type Sfu } from '../sfu.ts';
import { startBrowser, type BrowserClient, type TestBrowser } from '../testing/browser-client.ts';
import { DatachannelTransport } from '../transport/datachannel-transport.ts';

const APP_ID = 'leak';
const APP_TOKEN = 'leak-token';
const PAGES = 4;
const SESSIONS_PER_PAGE = 5;

let sfu: Sfu;
let browser: TestBrowser;

beforeAll(async () => {
  sfu = await startSfu({ appId: APP_ID, appToken: APP_TOKEN, controlPort: 0, timings: { lostSessionMs: 100 } });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await sfu?.close();
});

/** How many are alive once garbage is collected. */
function census(): Record<string, number> {
  const kinds = [
    SfuSession,
    Publication,
    Subscription,
    PacketPath,
    UdpRelay,
    DatachannelTransport,
    PeerConnection,
  ] as const;
  return Object.fromEntries(kinds.map((kind) => [kind.name, queryObjects(kind, { format: 'count' })]));
}

/** One session after another publishes, receives its own sound, and ends with its page. */
async function comeAndGo({ page }: BrowserClient, times: number): Promise<void> {
  for (let round = 0; round < times; round++) {
    await page.evaluate(`(async () => {
      startClient(${JSON.stringify(`${sfu.url}/apps/${APP_ID}`)}, ${JSON.stringify(APP_TOKEN)});
      const { sessionId } = await client.open();
      await client.push([{ name: 'microphone', source: 'microphone' }]);
      await client.connected();
      await client.flowing();
      await client.pull([{ sessionId, trackName: 'microphone' }]);
    })()`);
    await page.reload();
  }
}

test('nothing is left of the sessions of browsers that have gone', { timeout: 180_000 }, async () => {
  const control = new FaultClient(sfu.controlUrl!);
  await control.set({ type: 'relay' });
  const open = () => browser.open(`${sfu.url}/apps/${APP_ID}`, APP_TOKEN);
  const pages = await Promise.all(Array.from({ length: PAGES }, open));
  const before = census();
  await Promise.all(pages.map((page) => comeAndGo(page, SESSIONS_PER_PAGE)));
  await vi.waitFor(async () => expect(await control.sessions()).toEqual([]), { timeout: 5_000 });
  // The engine closes on threads of its own.
  await vi.waitFor(() => expect(census()).toEqual(before), { timeout: 5_000, interval: 200 });
});
