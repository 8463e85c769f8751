import type { Browser } from 'playwright-core';
import type { BenchGroup } from './bench-group.ts';
import { joinCold } from './join-clients.ts';
import { recordClip } from './record-clip.ts';
import { withBrowser, type Stage } from './stage.ts';
import { fillRoom, type SyntheticMember } from './synthetic-member.ts';
import type { Row } from './table.ts';
import { awaitPictures } from './tiles-in-page.ts';

const ROOM_SIZES = [2, 10, 50];
const CALLS_MOST = 3;
/** Of the first page of tiles, one's own among them. */
const PICTURES_AWAITED = 9;
/** What follows a picture at once belongs to the join. */
const SETTLE_MS = 1_000;
const STAY_MS = 10_000;

interface RoomJoin {
  size: number;
  /** To the first picture, and to those of the first page. */
  firstFrame: number;
  allPictures: number;
  calls: string[];
  /** While the visitor only stays. */
  callsPerMinute: number;
}

/** What a join asks of the broker, however many are there already. */
export const callsGroup: BenchGroup = {
  name: 'calls',
  title: `joining rooms of ${ROOM_SIZES.join(', ')}`,
  async run({ backstage, isQuick, progress }) {
    const stage = await backstage.stage();
    return withBrowser(async (browser) => {
      const clip = await recordClip(browser, `${stage.door.site.url}/blank`);
      const joins: RoomJoin[] = [];
      for (const size of ROOM_SIZES) {
        progress(`a room of ${size}`);
        const room = `bench-calls-${size}`;
        const members = await fillRoom(stage, room, size - 1, clip);
        joins.push({ size, ...(await measure(browser, stage, room, members, isQuick ? 2_000 : STAY_MS)) });
        for (const member of members) member.leave();
      }
      return { raw: joins, rows: joins.flatMap(rowsOf) };
    });
  },
};

async function measure(
  browser: Browser,
  stage: Stage,
  room: string,
  members: readonly SyntheticMember[],
  stayMs: number,
): Promise<Omit<RoomJoin, 'size'>> {
  const { proxy } = stage.door;
  proxy.calls = [];
  const start = performance.now();
  const { page, elapsed, leave } = await joinCold(browser, stage, room);
  const names = members.slice(0, PICTURES_AWAITED).map(({ name }) => name);
  await page.evaluate(awaitPictures, names);
  const allPictures = performance.now() - start;
  await page.waitForTimeout(SETTLE_MS);
  const calls = proxy.calls.map(({ method, path }) => `${method} ${path}`);
  proxy.calls = [];
  await page.waitForTimeout(stayMs);
  const callsPerMinute = (proxy.calls.length * 60_000) / stayMs;
  await leave();
  return { firstFrame: elapsed, allPictures, calls, callsPerMinute };
}

function rowsOf({ size, calls, callsPerMinute }: RoomJoin): Row[] {
  return [
    {
      what: `join a room of ${size}: requests to the broker, the socket's included`,
      here: calls.length,
      budget: { of: 'here', most: CALLS_MOST },
    },
    { what: `stay in a room of ${size} where all speak: requests to the broker a minute`, here: callsPerMinute },
  ];
}
