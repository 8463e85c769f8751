import type { Page } from 'playwright-core';
import type { BenchGroup } from './bench-group.ts';
import { joinCold } from './join-clients.ts';
import { recordClip } from './record-clip.ts';
import { withBrowser } from './stage.ts';
import { SyntheticMember } from './synthetic-member.ts';
import { awaitPictures } from './tiles-in-page.ts';

interface TileChange {
  /** Until the newcomer's picture is shown. */
  elapsed: number;
  calls: string[];
  sdpBytes: number;
}

const CALLS_MOST = 2;
const LATE_MS = 15_000;

/** One camera goes off as another goes on, again and again. */
export const tilesGroup: BenchGroup = {
  name: 'tiles',
  title: 'changing whose picture is received',
  async run({ backstage, isQuick, progress }) {
    const stage = await backstage.stage();
    const { proxy, site } = stage.door;
    const room = 'bench-tiles';
    const count = isQuick ? 10 : 100;
    return withBrowser(async (browser) => {
      const clip = await recordClip(browser, `${site.url}/blank`);
      let [seen, next] = [
        await SyntheticMember.join(stage, room, 'Ann', clip),
        await SyntheticMember.join(stage, room, 'Bob', clip),
      ];
      seen.show();
      const { page, leave } = await joinCold(browser, stage, room);
      await awaitPicture(page, seen.name);
      await page.waitForTimeout(2_000);
      const sdpBytesBefore = await readSdpBytes(page);

      const changes: TileChange[] = [];
      while (changes.length < count) {
        if (changes.length % 25 === 0) progress(`${changes.length} of ${count}`);
        proxy.calls = [];
        const start = performance.now();
        const shown = awaitPicture(page, next.name);
        next.show();
        seen.hide();
        await shown;
        const elapsed = performance.now() - start;
        // What has to be tidied up after the change belongs to it.
        await page.waitForTimeout(100);
        const calls = proxy.calls.map(({ method, path }) => `${method} ${path}`);
        changes.push({ elapsed, calls, sdpBytes: await readSdpBytes(page) });
        [seen, next] = [next, seen];
      }
      await leave();
      for (const member of [seen, next]) member.leave();

      const kilobytes = (bytes: number) => bytes / 1000;
      return {
        raw: { sdpBytesBefore, changes },
        rows: [
          {
            what: 'a tile changes hands: calls',
            here: changes.map(({ calls }) => calls.length),
            budget: { of: 'here', most: CALLS_MOST },
          },
          { what: 'a tile changes hands: to the new picture', unit: 'ms', here: changes.map(({ elapsed }) => elapsed) },
          {
            what: `both descriptions after ${count} changes`,
            unit: 'kB',
            digits: 1,
            here: kilobytes(changes.at(-1)!.sdpBytes),
            beside: { what: 'before', figure: kilobytes(sdpBytesBefore) },
            budget: { of: 'ratio', most: 1.02 },
          },
        ],
      };
    });
  },
};

async function awaitPicture(page: Page, name: string): Promise<void> {
  const late = page.waitForTimeout(LATE_MS).then(() => Promise.reject(new Error(`no picture of ${name} came`)));
  await Promise.race([page.evaluate(awaitPictures, [name]), late]);
  late.catch(() => undefined);
}

/** Of the local descriptions of every connection that is open. */
function readSdpBytes(page: Page): Promise<number> {
  return page.evaluate(() =>
    peers
      .filter(({ connectionState }) => connectionState !== 'closed')
      .reduce((bytes, { localDescription }) => bytes + (localDescription?.sdp.length ?? 0), 0),
  );
}
