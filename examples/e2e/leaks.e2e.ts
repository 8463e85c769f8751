import { expect, inject } from 'vitest';
import { it } from './testing/it.ts';
import { comeAndGo, openLeakPage, readLeftovers } from './testing/leaks.ts';
import { mintToken } from './testing/room-token.ts';

/** The first time loads what is kept. */
const CYCLES = { first: 2, measured: 4 };
/** Far fewer than there are in one call on the screen: about seventy. */
const NODES_OF_A_CALL = 10;

it('leaves no connection, socket, listener or node behind, however often one joins and leaves', async ({
  browser,
  join,
  room,
  tags,
}) => {
  await join('Ada');
  const mint = () => mintToken(room, { claims: { role: 'guest' } });
  const page = await openLeakPage(browser, tags.url({ room, token: await mint(), broker: inject('brokerUrl') }));
  await comeAndGo(page, CYCLES.first, mint);
  const { listeners, nodes } = await readLeftovers(page);
  await comeAndGo(page, CYCLES.measured, mint);
  const leftNow = async () => {
    const left = await readLeftovers(page);
    return { ...left, moreListeners: Math.max(0, left.listeners - listeners) };
  };
  await expect.poll(leftNow).toMatchObject({ peerConnections: 0, sockets: 0, moreListeners: 0 });
  const grown = (await readLeftovers(page)).nodes - nodes;
  expect(grown, 'the browser itself keeps a few nodes now and then').toBeLessThan(CYCLES.measured * NODES_OF_A_CALL);
});
