import type { BenchGroup } from './bench-group.ts';
import { measureUsage, type BrowserUsage } from './browser-usage.ts';
import { joinCold, openPage, plainSeat } from './join-clients.ts';
import { receivePlainly } from './plain-client.ts';
import { recordClip, type Clip } from './record-clip.ts';
import { withBrowser, type Stage } from './stage.ts';
import { fillRoom, type SyntheticMember } from './synthetic-member.ts';
import { awaitPictures } from './tiles-in-page.ts';

const MEMBERS = 9;
const MEASURE_MS = 6_000;
const SETTLE_MS = 2_000;

/** Nine pictures and sounds: what the widget costs beyond the same elements on a bare page. */
export const clientGroup: BenchGroup = {
  name: 'client',
  title: `receiving ${MEMBERS} people, with the widget and on a bare page by turns`,
  async run({ backstage, isQuick, progress }) {
    const stage = await backstage.stage();
    const room = 'bench-client';
    const clip = await withBrowser((browser) => recordClip(browser, `${stage.door.site.url}/blank`));
    const members = await fillRoom(stage, room, MEMBERS, clip);
    const rounds = isQuick ? 1 : 3;
    const [widget, bare]: [BrowserUsage[], BrowserUsage[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      progress(`${round + 1} of ${rounds}`);
      widget.push(await measureWidget(stage, room, members));
      bare.push(await measureBarePage(stage, room));
    }
    for (const member of members) member.leave();

    const figures = (read: (usage: BrowserUsage) => number) => ({
      here: widget.map(read),
      beside: { what: 'bare page', figure: bare.map(read) },
    });
    return {
      raw: { clip: describe(clip), widget, bare },
      rows: [
        { what: `${MEMBERS} people received: of a core`, unit: '%', ...figures(({ cores }) => cores * 100) },
        {
          what: `${MEMBERS} people received: memory of the browser`,
          unit: 'MB',
          ...figures(({ residentBytes }) => residentBytes / 1e6),
        },
        {
          what: `${MEMBERS} people received: heap of the page`,
          unit: 'MB',
          digits: 1,
          ...figures(({ heapBytes }) => heapBytes / 1e6),
        },
      ],
    };
  },
};

function measureWidget(stage: Stage, room: string, members: readonly SyntheticMember[]): Promise<BrowserUsage> {
  return withBrowser(async (browser) => {
    const { page, leave } = await joinCold(browser, stage, room);
    await page.evaluate(
      awaitPictures,
      members.map(({ name }) => name),
    );
    await page.waitForTimeout(SETTLE_MS);
    const usage = await measureUsage(browser, page, MEASURE_MS);
    await leave();
    return usage;
  });
}

function measureBarePage(stage: Stage, room: string): Promise<BrowserUsage> {
  return withBrowser(async (browser) => {
    const page = await openPage(browser, `${stage.door.site.url}/blank`);
    await page.evaluate(receivePlainly, await plainSeat(stage, room));
    await page.waitForTimeout(SETTLE_MS);
    return measureUsage(browser, page, MEASURE_MS);
  });
}

function describe({ frames, framesPerSecond }: Clip): object {
  return { framesPerSecond, bytes: frames.reduce((bytes, frame) => bytes + frame.length, 0), frames: frames.length };
}
