import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { comeAndGo, openLeakPage, readLeftovers } from './testing/leaks.ts';
import { mintToken } from './testing/room-token.ts';
import { startTagSite } from './testing/tag-site.ts';
import { launchBrowser, newRoom, Visitor } from './testing/visitor.ts';

/** The first time loads what is kept. */
const CYCLES = { first: 2, measured: 4 };
/** Far fewer than there are in one call on the screen: about seventy. */
const NODES_OF_A_CALL = 10;

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

it('leaves no connection, socket, listener or node behind, however often one joins and leaves', async () => {
  const room = newRoom();
  const site = await startTagSite(inject('siteUrl'));
  const ada = await Visitor.join(browser, room, 'Ada');
  const mint = () => mintToken(room, { claims: { role: 'guest' } });
  const page = await openLeakPage(browser, site.url({ room, token: await mint(), broker: inject('brokerUrl') }));
  await comeAndGo(page, CYCLES.first, mint);
  const { listeners, nodes } = await readLeftovers(page);
  await comeAndGo(page, CYCLES.measured, mint);
  await expect.poll(() => readLeftovers(page)).toMatchObject({ peerConnections: 0, sockets: 0, listeners });
  const grown = (await readLeftovers(page)).nodes - nodes;
  expect(grown, 'the browser itself keeps a few nodes now and then').toBeLessThan(CYCLES.measured * NODES_OF_A_CALL);
  await ada.close();
  await site.close();
});
