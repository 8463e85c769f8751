import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import type { Page, WebSocketRoute } from 'playwright-core';
import { describe, expect, inject } from 'vitest';
import { FaultClient } from '../../broker/dev/sfu/faults/fault-client.ts';
import { it as base } from './testing/it.ts';
import { demoUrl, newRoom, Visitor } from './testing/visitor.ts';

const broker = inject('brokerUrl');
/** A page that goes away keeps its seat for the two seconds that a reload takes. */
const GONE_AFTER_CLOSE_MS = 3_000;
const GONE_AFTER_CRASH_MS = 30_000;

/** A way to the broker that can be cut with a TCP reset, after which nobody gets through. */
async function layWire(): Promise<{ url: string; cut(): void }> {
  const { port } = new URL(broker);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
}

/** `vanished` are Ada and Cleo, who went without a word, and after how long Ben saw that: most of this file passes meanwhile. */
const it = base
  .extend('vanished', { scope: 'file' }, async ({ browser, tags }, { onCleanup }) => {
    const room = newRoom();
    const wire = await layWire();
    const enter = async (url: string, name: string) => {
      const visitor = await Visitor.open(browser, url);
      await visitor.enterName(name);
      await visitor.clickJoin();
      await visitor.isInCall();
      return visitor;
    };
    const [ben, ada, cleo] = [
      await enter(demoUrl(room), 'Ben'),
      await enter(demoUrl(room), 'Ada'),
      await enter(tags.url({ room, 'token-url': '/call-token', broker: wire.url }), 'Cleo'),
    ];
    onCleanup(async () => void (await Promise.all([ben, ada, cleo].map((visitor) => visitor.close()))));
    await Promise.all(['Ada', 'Cleo'].map((name) => ben.tile(name).waitFor()));

    const crashed = ada.page.waitForEvent('crash');
    const session = await ada.page.context().newCDPSession(ada.page);
    session.send('Page.crash').catch(() => {});
    await crashed;
    wire.cut();
    const struckAt = Date.now();
    const isGone = async (name: string) => {
      await ben.tile(name).waitFor({ state: 'detached', timeout: 2 * GONE_AFTER_CRASH_MS });
      return Date.now() - struckAt;
    };
    const goneAfter = Promise.all(['Ada', 'Cleo'].map(isGone)).catch(() => [Infinity]);
    return { ben, cleo, goneAfter };
  })
  /** Somebody who only looks on. */
  .extend('watch', ({ open, room }) => async (name: string) => {
    const visitor = await open(demoUrl(room));
    await visitor.enterName(name);
    await visitor.clickJoin();
    await visitor.isInCall();
    return visitor;
  })
  /** How many of the sessions that began with this test are connected to the SFU and publish. */
  // oxlint-disable-next-line no-empty-pattern -- the runner reads from the pattern what is needed: here nothing
  .extend('countPublishing', async ({}) => {
    const sfu = new FaultClient(inject('controlUrl'));
    const before = new Set((await sfu.sessions()).map(({ sessionId }) => sessionId));
    return async () => {
      const live = (await sfu.sessions()).filter(
        ({ state, published }) => state === 'connected' && published.length > 0,
      );
      return live.filter(({ sessionId }) => !before.has(sessionId)).length;
    };
  });

/** Counts the sockets that a page opens from now on. */
function countSockets(page: Page): { readonly count: number } {
  const sockets = { count: 0 };
  page.on('websocket', () => (sockets.count += 1));
  return sockets;
}

function phaseOf({ page }: Visitor, index = 0): Promise<string> {
  return page
    .locator('realtime-call')
    .nth(index)
    .evaluate((element) => {
      const { call } = (element as HTMLElement & { state: { call: Record<string, string> } }).state;
      return [call['phase'], call['reason'] ?? call['error']].filter(Boolean).join(' ');
    });
}

describe('somebody who vanishes', () => {
  it('is shown as away at once, where the tab crashed and where the connection was reset', async ({ vanished }) => {
    const away = ({ ben }: typeof vanished) => ben.tiles().filter({ hasText: 'reconnecting' });
    await expect.poll(() => away(vanished).count()).toBe(2);
  });
});

describe('somebody whose tab is duplicated', () => {
  it('stays who they are: the copy is somebody else, and both are in the call', async ({ join }) => {
    const ada = await join('Ada');
    const copy = await ada.duplicate();
    const guest = (visitor: Visitor) => visitor.page.evaluate(() => sessionStorage.getItem('realtime-call:guest'));
    expect(await guest(copy)).toBe(await guest(ada));
    const [atAda, atCopy] = [countSockets(ada.page), countSockets(copy.page)];
    await copy.askToJoin('Bea');
    await copy.isInCall();
    await Promise.all([copy.seesFramesIn(copy.tile('Ada')), ada.seesFramesIn(ada.tile('Bea'))]);
    expect(await guest(copy)).not.toBe(await guest(ada));
    expect([await ada.tiles().count(), await copy.tiles().count()]).toEqual([2, 2]);
    expect([atAda.count, atCopy.count], 'connections after the copy was there').toEqual([0, 1]);
    expect(copy.complaints).toEqual([]);
  });
});

describe('somebody whose page goes away', () => {
  it('is gone for the others at once or after the time of a reload, and nothing of them stays at the SFU', async ({
    join,
    watch,
    countPublishing,
  }) => {
    const ben = await watch('Ben');
    const [ada, cleo, dan] = await Promise.all(['Ada', 'Cleo', 'Dan'].map((name) => join(name)));
    await Promise.all(['Ada', 'Cleo', 'Dan'].map((name) => ben.seesFramesIn(ben.tile(name))));
    expect(await countPublishing()).toBe(4);
    const isGone = (name: string, timeout: number) =>
      expect.poll(() => ben.tile(name).count(), { timeout, interval: 20 }).toBe(0);

    await ada!.page.locator('realtime-call').evaluate((element) => element.remove());
    await isGone('Ada', 1_000);
    expect(await ada!.liveCaptures()).toEqual([]);
    expect(await ada!.openConnections()).toBe(0);
    const closed = cleo!.page.close();
    const elsewhere = dan!.page.goto(new URL(demoUrl('x')).origin);
    await Promise.all([closed, elsewhere]);
    await Promise.all([isGone('Cleo', GONE_AFTER_CLOSE_MS), isGone('Dan', GONE_AFTER_CLOSE_MS)]);
    await expect.poll(countPublishing).toBe(1);
  });

  it('has left nothing at the SFU, however often they joined and left before it had answered', async ({
    open,
    room,
    countPublishing,
  }) => {
    const visitor = await open(demoUrl(room));
    await visitor.turnOnDevices();
    await visitor.page.locator('realtime-call').evaluate(async (element) => {
      const call = element as HTMLElement & { join(): void; leave(): void };
      for (const wait of [30, 150]) {
        call.join();
        await new Promise((resolve) => setTimeout(resolve, wait));
        call.leave();
      }
      call.join();
    });
    await visitor.isInCall();
    expect(await visitor.tiles().count()).toBe(1);
    await expect.poll(countPublishing).toBe(1);
    await visitor.press('Leave');
    await expect.poll(countPublishing).toBe(0);
    expect(await visitor.openConnections()).toBe(0);
    // The browser's own line about a socket that was given up while it was opened.
    expect(visitor.complaints.splice(0).filter((line) => !line.includes('is closed before the connection'))).toEqual(
      [],
    );
  });
});

describe('a page', () => {
  it('a seat and a token that are both refused end the call, after the site was asked for one more', async ({
    openTag,
    room,
  }) => {
    const asked = { tokens: 0, joins: 0, tickets: 0 };
    const sockets: WebSocketRoute[] = [];
    let isRefusing = false;
    const refusal = { status: 401, json: { errorCode: 'unauthorized', errorDescription: 'no' } };
    const visitor = await openTag(
      { room, 'token-url': '/call-token' },
      {
        prepare: async (page) => {
          await page.routeWebSocket(/\/socket$/, (socket) => {
            const server = socket.connectToServer();
            socket.onMessage((message) => {
              server.send(message);
              if (message.includes('hello')) sockets.push(socket);
            });
          });
          for (const [what, path] of [
            ['tokens', /call-token/],
            ['joins', /\/join$/],
            ['tickets', /\/ticket$/],
          ] as const)
            await page.route(path, (route) => {
              if (!isRefusing) return route.continue();
              asked[what] += 1;
              return what === 'tokens' ? route.continue() : route.fulfill(refusal);
            });
        },
      },
    );
    await visitor.clickJoin();
    await visitor.isInCall();
    await expect.poll(() => sockets.length).toBe(1);
    isRefusing = true;
    await sockets[0]!.close({ code: 4000 });
    await visitor.page.getByRole('heading', { name: /permission/ }).waitFor();
    await visitor.page.waitForTimeout(1_500);
    expect(asked).toMatchObject({ tokens: 1, tickets: 1 });
    expect(asked.joins, 'with the token held, and with the new one').toBeLessThanOrEqual(2);
    expect(await phaseOf(visitor)).toBe('failed token-refused');
    expect(await visitor.openConnections()).toBe(0);
  });

  it('a browser that holds sound back lets it out when it is tapped', async ({ open, launch, join, room }) => {
    const strict = await launch(['--autoplay-policy=document-user-activation-required'], /^--autoplay-policy/);
    const told = new Set<string>();
    const prepare = async (page: Page) => {
      page.on('console', (message) => told.add(message.text()));
      await page.addInitScript(joinUntouched);
    };
    const ben = await open(demoUrl(room), { prepare }, strict);
    await join('Ada');
    // Asking the page itself would count as a gesture.
    await expect.poll(() => told.has('held back')).toBe(true);
    expect(await ben.countSounds()).toBe(0);
    await ben.press('Tap to hear');
    await expect.poll(() => ben.countSounds()).toBe(1);
    await ben.page.getByRole('button', { name: 'Tap to hear' }).waitFor({ state: 'detached' });
    // The browser's own word about silence that is made before the first gesture.
    expect(ben.complaints.splice(0).join()).toMatch(/^(The AudioContext was not allowed[^,]*,?)*$/);
  });

  it('a page with the script twice and three tags has two calls, and one seat for one person in a room', async ({
    openTag,
    room,
  }) => {
    const visitor = await openTag({ room, 'token-url': '/call-token' });
    const { page } = visitor;
    await page.getByRole('button', { name: 'Join', exact: true }).waitFor();
    for (const type of ['text/javascript', 'module'])
      await page.addScriptTag({ url: `${broker}/realtime-call.js?${type}`, type });
    const sockets = countSockets(page);
    await page.evaluate((other) => {
      const [first] = document.getElementsByTagName('realtime-call');
      const [kitchen, again] = [first!.cloneNode() as Element, first!.cloneNode() as Element];
      kitchen.setAttribute('room', other);
      document.body.append(kitchen, again);
    }, newRoom());
    const join = (index: number) =>
      page
        .locator('realtime-call')
        .nth(index)
        .evaluate((element) => (element as HTMLElement & { join(): void }).join());
    await join(0);
    await join(1);
    for (const index of [0, 1]) await expect.poll(() => phaseOf(visitor, index)).toBe('in-call');
    await join(2);
    await expect.poll(() => phaseOf(visitor, 0)).toBe('left replaced');
    await page.waitForTimeout(1_000);
    expect(await Promise.all([0, 1, 2].map((index) => phaseOf(visitor, index)))).toEqual([
      'left replaced',
      'in-call',
      'in-call',
    ]);
    expect(sockets.count).toBe(3);
  });

  it('a page whose script does not come is as it was', async ({ openTag, room }) => {
    const { page } = await openTag(
      { room, 'token-url': '/call-token' },
      { prepare: (page) => page.route(/realtime-call\.js/, (route) => route.abort()) },
    );
    await page.getByRole('heading', { name: 'Your appointment' }).waitFor();
    expect(await page.evaluate(() => customElements.get('realtime-call'))).toBeUndefined();
  });

  it('a broker that was not there is found once it is, with the next try', async ({ openTag, room }) => {
    const visitor = await openTag({ room, 'token-url': '/call-token' });
    await visitor.page.route(/\/rooms\//, (route) => route.abort());
    await visitor.clickJoin();
    await visitor.page.getByRole('heading', { name: 'The call service cannot be reached' }).waitFor();
    await visitor.page.unrouteAll();
    await visitor.press('Try again');
    await visitor.isInCall();
  });

  it('a script whose hash is in the tag runs, and not if a byte of it is another', async ({ openTag, room }) => {
    const script = await fetch(`${broker}/realtime-call.js`).then((response) => response.arrayBuffer());
    const digest = Buffer.from(await crypto.subtle.digest('SHA-384', script)).toString('base64');
    const load = async (integrity: string) => {
      const { page, complaints } = await openTag({ room, 'token-url': '/call-token' }, { prepare: withoutScript });
      const outcome = await page.evaluate(
        ([src, integrity]) =>
          new Promise<string>((resolve) => {
            const script = Object.assign(document.createElement('script'), {
              src,
              integrity,
              crossOrigin: 'anonymous',
            });
            script.addEventListener('load', () => resolve(`runs: ${Boolean(customElements.get('realtime-call'))}`));
            script.addEventListener('error', () => resolve('refused'));
            document.head.append(script);
          }),
        [`${broker}/realtime-call.js?sri`, `sha384-${integrity}`] as const,
      );
      complaints.splice(0);
      return outcome;
    };
    expect(await load(digest)).toBe('runs: true');
    expect(await load(digest.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')))).toBe('refused');
  });
});

describe('somebody who has vanished', () => {
  it('is gone once their time to come back is over, and goes on to try where there is anybody to', async ({
    vanished,
  }) => {
    for (const milliseconds of await vanished.goneAfter) expect(milliseconds).toBeLessThan(GONE_AFTER_CRASH_MS);
    expect(await vanished.ben.tiles().count()).toBe(1);
    expect(await phaseOf(vanished.cleo)).toBe('in-call');
  });
});

function withoutScript(page: Page): Promise<unknown> {
  return page.route(/realtime-call\.js$/, (route) => route.abort());
}

/** Runs in the page before its own scripts: joins without anybody having touched the page, and says what is held back. */
function joinUntouched(): void {
  addEventListener('call-sound-blocked', () => console.log('held back'));
  addEventListener('call-ready', ({ target }) => (target as HTMLElement & { join(): void }).join());
}
