import type { BenchGroup } from './bench-group.ts';
import { readLeftovers, comeAndGo, openLeakPage } from '../testing/leaks.ts';
import { openPublisher } from './join-clients.ts';
import { withBrowser } from './stage.ts';
import type { Row } from './table.ts';

const CYCLES = 100;
/** Until here it is still being learned what is loaded once and kept. */
const WARM_UP = 5;

/** Joins and leaves in one page, over and over, and counts what is left. */
export const leaksGroup: BenchGroup = {
  name: 'leaks',
  title: `joining and leaving ${CYCLES} times in one page`,
  async run({ backstage, isQuick, progress }) {
    const stage = await backstage.stage();
    const room = 'bench-leaks';
    const cycles = isQuick ? 10 : CYCLES;
    return withBrowser(async (browser) => {
      await openPublisher(browser, stage, room);
      const { site, proxy } = stage.door;
      const query = new URLSearchParams({ room, token: await stage.token(room), broker: proxy.url });
      const page = await openLeakPage(browser, `${site.url}/call?${query}`);
      const token = () => stage.token(room);
      await comeAndGo(page, WARM_UP, token);
      const before = await readLeftovers(page);
      for (let done = 0; done < cycles; done += 10) {
        progress(`${done} of ${cycles}`);
        await comeAndGo(page, Math.min(10, cycles - done), token);
      }
      const after = await readLeftovers(page);
      const row = (what: string, left: number, most = 0): Row => ({
        what: `${cycles} joins and leaves: ${what} left`,
        here: left,
        budget: { of: 'here', most },
      });
      return {
        raw: { before, after },
        rows: [
          row('RTCPeerConnections', after.peerConnections - before.peerConnections),
          row('WebSockets', after.sockets - before.sockets),
          row('listeners', after.listeners - before.listeners),
          row('DOM nodes', after.nodes - before.nodes),
          {
            what: `${cycles} joins and leaves: heap growth`,
            unit: 'kB',
            here: (after.heapBytes - before.heapBytes) / 1e3,
          },
        ],
      };
    });
  },
};
