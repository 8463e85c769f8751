import type { WebSocketRoute } from 'playwright-core';
import { describe, expect } from 'vitest';
import { it as base } from './testing/it.ts';
import { demoUrl, type Visitor, type VisitorOptions } from './testing/visitor.ts';

/** `host` starts the room with a waiting room, in which whoever does `knock` has to be let in. */
const it = base
  .extend('host', ({ open, room }) => async () => {
    const visitor = await open(`${demoUrl(room)}&host=on`);
    await visitor.askToJoin('Hana');
    await visitor.isInCall();
    return visitor;
  })
  .extend('knock', ({ open, room }) => async (name: string, options?: VisitorOptions) => {
    const visitor = await open(demoUrl(room), options);
    await visitor.askToJoin(name);
    await isWaiting(visitor);
    return visitor;
  });

function isWaiting({ page }: Visitor): Promise<void> {
  return page.getByText('The host will let you in').waitFor();
}

async function seeEachOther(people: Readonly<Record<string, Visitor>>): Promise<void> {
  const pairs = Object.entries(people).flatMap(([own, visitor]) =>
    Object.keys(people)
      .filter((name) => name !== own)
      .map((name) => visitor.seesFramesIn(visitor.tile(name))),
  );
  await Promise.all(pairs);
}

describe('the waiting room', () => {
  it('WR4 lets in whom the host admits, without another click: both see and hear each other', async ({
    host,
    knock,
  }) => {
    const hana = await host();
    await hana.page.evaluate(() => {
      document.addEventListener('knock-received', (event) => {
        const { participant } = event as Event & { participant: { name: string } };
        document.title = `knock: ${participant.name}`;
      });
    });
    const gia = await knock('Gia');
    const preview = gia.page.locator('rc-lobby-screen video');
    await gia.seesFramesIn(gia.page.locator('rc-lobby-screen'));
    await hana.page.getByText('Gia is waiting').waitFor();
    expect(await hana.page.title()).toBe('knock: Gia');
    expect(await hana.tiles().count(), 'who waits is not in the call').toBe(1);
    await expect.poll(() => gia.openConnections()).toBe(0);
    await hana.screenshot('knock');
    await gia.screenshot('waiting-room');

    await hana.press('Admit: Gia');
    await gia.isInCall();
    await preview.waitFor({ state: 'detached' });
    await hana.page.getByText('Gia is waiting').waitFor({ state: 'detached' });
    await seeEachOther({ Hana: hana, Gia: gia });
    await Promise.all([hana, gia].map((one) => expect.poll(() => one.countSounds(), { timeout: 20_000 }).toBe(1)));
  });

  it('WR4 lets in all at once', async ({ host, knock }) => {
    const hana = await host();
    const [gia, ben] = [await knock('Gia'), await knock('Ben')];
    await hana.page.getByText('Waiting room: 2').waitFor();
    await hana.press('Admit all');
    await Promise.all([gia.isInCall(), ben.isInCall()]);
    await seeEachOther({ Hana: hana, Gia: gia, Ben: ben });
  });

  it('WR5 says goodbye to whom the host refuses, with every device off, and to the next try too', async ({
    host,
    knock,
  }) => {
    const hana = await host();
    const gia = await knock('Gia');
    await hana.press('Refuse: Gia');
    await gia.page.getByRole('heading', { name: 'You were not let in' }).waitFor();
    expect(await gia.liveCaptures()).toEqual([]);
    await hana.page.getByText('Gia is waiting').waitFor({ state: 'detached' });
    expect(await hana.tiles().count()).toBe(1);
    await gia.press('Back to the lobby');
    await gia.clickJoin();
    await gia.page.getByRole('heading', { name: 'You are not allowed to do this' }).waitFor();
  });

  it('WR6 is kept through a lost connection, and through a reload of the host', async ({ host, knock }) => {
    const hana = await host();
    const sockets: WebSocketRoute[] = [];
    const prepare: VisitorOptions['prepare'] = (page) =>
      page.routeWebSocket(/\/socket$/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((message) => {
          server.send(message);
          if (message.includes('hello')) sockets.push(socket);
        });
      });
    const gia = await knock('Gia', { prepare });
    await expect.poll(() => sockets.length).toBe(1);
    await sockets[0]!.close({ code: 4000 });
    await expect.poll(() => sockets.length, { timeout: 10_000 }).toBe(2);
    await isWaiting(gia);

    await hana.page.reload();
    await hana.enterName('Hana');
    await hana.clickJoin();
    await hana.press('Admit: Gia');
    await gia.isInCall();
    await hana.seesFramesIn(hana.tile('Gia'));
  });

  it('may be left: nobody knocks any more', async ({ host, knock }) => {
    const hana = await host();
    const gia = await knock('Gia');
    await hana.page.getByText('Gia is waiting').waitFor();
    await gia.press('Stop waiting');
    await gia.page.getByText('Ready to join?').waitFor();
    await hana.page.getByText('Gia is waiting').waitFor({ state: 'detached' });
  });
});
