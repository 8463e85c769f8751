import type { Browser, Page } from 'playwright-core';
import { timeFirstFrame } from './first-frame.ts';
import { joinPlainly, publishPlainly, type PlainSeat } from './plain-client.ts';
import type { Stage } from './stage.ts';

/** What the SFU calls a track, as a client does that asks it without a broker. */
export interface SfuTrack {
  location: 'remote';
  sessionId: string;
  trackName: string;
}

/** A page that has just joined. */
export interface JoinedPage {
  page: Page;
  /** From the click to the first remote picture, in milliseconds. */
  elapsed: number;
  /** Goes, and tells the room: whose page is only closed stays as somebody whose tracks everyone after waits for. */
  leave(): Promise<void>;
}

/** How somebody joins whom `publisher` is heard and seen by. */
export type JoinClient = (browser: Browser, stage: Stage, room: string) => Promise<JoinedPage>;

const FIRST_FRAME_MS = 30_000;

/** Opens a page that counts as a window of somebody else: nothing is shared. */
export async function openPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const page = await context.newPage();
  await page.addInitScript(timeFirstFrame);
  await page.goto(url);
  return page;
}

/** Somebody who sends camera and microphone; resolves once they flow and the room knows. */
export async function openPublisher(browser: Browser, stage: Stage, room: string): Promise<Page> {
  const page = await openPage(browser, `${stage.door.site.url}/blank`);
  await page.evaluate(publishPlainly, await plainSeat(stage, room));
  return page;
}

/** Opens the widget's page; resolves when the lobby is shown. */
export async function openWidget(browser: Browser, { door, token: mint }: Stage, room: string): Promise<Page> {
  const { site, proxy } = door;
  const token = await mint(room);
  const query = new URLSearchParams({ room, token, broker: proxy.url });
  const page = await openPage(browser, `${site.url}/call?${query}`);
  await joinButton(page).waitFor();
  return page;
}

/** The visitor clicks as soon as there is a button: nothing was made ready. */
export const joinCold: JoinClient = async (browser, stage, room) => clickJoin(await openWidget(browser, stage, room));

/** The visitor turns on the devices, looks, and clicks. */
export const joinPrewarmed: JoinClient = async (browser, stage, room) => {
  const page = await openWidget(browser, stage, room);
  await page.getByRole('button', { name: 'Turn on camera and microphone' }).click();
  await page.getByRole('button', { name: 'Camera', exact: true, pressed: true }).waitFor();
  await page.waitForTimeout(500 + 8 * stage.path.roundTripMs);
  return clickJoin(page);
};

export const joinByPlainClient: JoinClient = async (browser, stage, room) => {
  const page = await openPage(browser, `${stage.door.site.url}/blank`);
  const seat = await plainSeat(stage, room);
  await page.evaluate(() => clickNow());
  const memberSecret = await page.evaluate(joinPlainly, seat);
  return {
    page,
    elapsed: await readFirstFrame(page),
    leave: async () => {
      const headers = { authorization: `Bearer ${memberSecret}` };
      await fetch(`${seat.base}/leave`, { method: 'POST', headers, body: '{"mayReturn":false}' });
      await page.context().close();
    },
  };
};

/** It has no rooms: what to pull it is told for nothing. */
export const joinByPartytracks: JoinClient = async (browser, stage) => {
  const remotes = await publishedTracks(stage);
  const page = await openPage(browser, `${stage.door.site.url}/partytracks-page`);
  await page.evaluate((tracks) => {
    clickNow();
    globalThis.joinByPartytracks(tracks);
  }, remotes);
  return { page, elapsed: await readFirstFrame(page), leave: () => page.context().close() };
};

/** What is published by {@link openPublisher}, in the SFU's own words. */
export async function publishedTracks(stage: Stage): Promise<SfuTrack[]> {
  const sessions = await stage.faults.sessions();
  const publisher = sessions.findLast(({ published }) => published.includes('plain-video'));
  if (!publisher) throw new Error('nobody publishes');
  const { sessionId, published } = publisher;
  return published.map((trackName) => ({ location: 'remote' as const, sessionId, trackName }));
}

export function joinButton(page: Page) {
  return page.getByRole('button', { name: 'Join', exact: true });
}

export async function plainSeat({ door, token }: Stage, room: string): Promise<PlainSeat> {
  return { base: `${door.proxy.url}/rooms/${room}`, token: await token(room) };
}

async function clickJoin(page: Page): Promise<JoinedPage> {
  // Without moving a mouse there first, which tells what is about to come.
  await joinButton(page).evaluate((button: HTMLElement) => button.click());
  return {
    page,
    elapsed: await readFirstFrame(page),
    leave: async () => {
      await page.getByRole('button', { name: 'Leave', exact: true }).click();
      await page.getByRole('button', { name: 'Leave', exact: true }).waitFor({ state: 'detached' });
      // The room hears of it on a socket that is far away too.
      await page.waitForTimeout(100);
      await page.context().close();
    },
  };
}

function readFirstFrame(page: Page): Promise<number> {
  return page.evaluate(
    (patience) =>
      Promise.race([
        firstFrame,
        new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no picture came')), patience)),
      ]),
    FIRST_FRAME_MS,
  );
}
