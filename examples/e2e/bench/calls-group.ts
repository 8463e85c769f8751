import type { BenchGroup } from './bench-group.ts';
import { joinCold } from './join-clients.ts';
import { recordClip } from './record-clip.ts';
import { withBrowser } from './stage.ts';
import { fillRoom } from './synthetic-member.ts';

const ROOM_SIZES = [2, 10, 50];
const CALLS_MOST = 3;
/** No call for so long: the join is over. */
const QUIET_MS = 2_000;

/** What a join asks of the broker, however many are there already. */
export const callsGroup: BenchGroup = {
  name: 'calls',
  title: `joining rooms of ${ROOM_SIZES.join(', ')}`,
  async run({ backstage, progress }) {
    const stage = await backstage.stage();
    const { proxy, site } = stage.door;
    return withBrowser(async (browser) => {
      const clip = await recordClip(browser, `${site.url}/blank`);
      const joins = [];
      for (const size of ROOM_SIZES) {
        progress(`a room of ${size}`);
        const room = `bench-calls-${size}`;
        const members = await fillRoom(stage, room, size - 1, clip);
        proxy.calls = [];
        const joined = await joinCold(browser, stage, room);
        for (let seen = -1; seen !== proxy.calls.length; await joined.page.waitForTimeout(QUIET_MS))
          seen = proxy.calls.length;
        joins.push({
          size,
          elapsed: joined.elapsed,
          calls: proxy.calls.map(({ method, path }) => `${method} ${path}`),
        });
        await joined.leave();
        for (const member of members) member.leave();
      }
      return {
        raw: joins,
        rows: joins.map(({ size, calls }) => ({
          what: `join a room of ${size}: requests to the broker, the socket's included`,
          here: calls.length,
          budget: { of: 'here' as const, most: CALLS_MOST },
        })),
      };
    });
  },
};
