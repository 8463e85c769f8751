import type { Browser } from 'playwright-core';
import type { BenchGroup } from './bench-group.ts';
import {
  joinByPartytracks,
  joinByPlainClient,
  joinCold,
  joinPrewarmed,
  openPublisher,
  type JoinClient,
} from './join-clients.ts';
import { slope } from './slope.ts';
import { withBrowser, type Stage } from './stage.ts';
import type { Row } from './table.ts';

const ROUND_TRIPS_MS = [0, 50, 100, 200];
const CLIENTS = {
  cold: joinCold,
  prewarmed: joinPrewarmed,
  plain: joinByPlainClient,
  partytracks: joinByPartytracks,
} as const satisfies Record<string, JoinClient>;
type ClientName = keyof typeof CLIENTS;
const SETTLE_MS = 2_000;

interface Join {
  client: ClientName;
  repetition: number;
  /** Added to each round trip, of calls and of media. */
  roundTripMs: number;
  /** From the click to the first remote picture. */
  elapsed: number;
  /** Calls to the broker from the page's opening to the first picture, and the browser's preflights for them. */
  calls: string[];
  preflights: string[];
}

/** Joins a room with one publisher, who is as far from the SFU, again and again by turns. */
export const joinGroup: BenchGroup = {
  name: 'join',
  title: 'joining a room: the widget, a plain client and partytracks by turns',
  async run({ backstage, isQuick, progress }) {
    const stage = await backstage.stage();
    const repetitions = isQuick ? 1 : 3;
    const joins = await withBrowser(async (browser) => {
      const joins: Join[] = [];
      for (const roundTripMs of ROUND_TRIPS_MS) {
        progress(`${roundTripMs} ms away, ${repetitions} times each`);
        joins.push(...(await joinFrom(browser, stage, roundTripMs, repetitions)));
      }
      return joins;
    }).finally(() => (stage.path.roundTripMs = 0));
    return { raw: joins, rows: rowsOf(joins, repetitions) };
  },
};

async function joinFrom(browser: Browser, stage: Stage, roundTripMs: number, repetitions: number): Promise<Join[]> {
  const room = `bench-join-${roundTripMs}`;
  stage.path.roundTripMs = roundTripMs;
  // Someone new for each distance: to an encoder, a way that grows longer is a jam, and it slows down.
  const publisher = await openPublisher(browser, stage, room);
  const joins: Join[] = [];
  // The first of all pays for what is loaded once, and the publisher's estimate of its bandwidth grows meanwhile.
  await measure(browser, stage, room, 'cold');
  await publisher.waitForTimeout(SETTLE_MS);
  for (let repetition = 0; repetition < repetitions; repetition++)
    for (const client of Object.keys(CLIENTS) as ClientName[])
      joins.push({ client, repetition, roundTripMs, ...(await measure(browser, stage, room, client)) });
  await publisher.context().close();
  return joins;
}

async function measure(browser: Browser, stage: Stage, room: string, client: ClientName) {
  const { proxy } = stage.door;
  [proxy.calls, proxy.preflights] = [[], []];
  const { elapsed, leave } = await CLIENTS[client](browser, stage, room);
  const names = (calls: typeof proxy.calls) => calls.map(({ method, path }) => `${method} ${path}`);
  const measured = { elapsed, calls: names(proxy.calls), preflights: names(proxy.preflights) };
  await leave();
  return measured;
}

function rowsOf(joins: readonly Join[], repetitions: number): Row[] {
  const slopes = (client: ClientName) =>
    Array.from({ length: repetitions }, (_, repetition) =>
      slope(
        joins
          .filter((join) => join.client === client && join.repetition === repetition)
          .map(({ roundTripMs, elapsed }) => ({ x: roundTripMs, y: elapsed })),
      ),
    );
  const times = (client: ClientName, roundTripMs: number) =>
    joins.filter((join) => join.client === client && join.roundTripMs === roundTripMs).map(({ elapsed }) => elapsed);
  const counts = (client: ClientName, what: 'calls' | 'preflights') =>
    joins.filter((join) => join.client === client).map((join) => join[what].length);

  const toFirstFrame = { what: 'join to first remote frame', unit: 'round trips', digits: 1 };
  const cold = { ...toFirstFrame, what: `${toFirstFrame.what}, cold`, here: slopes('cold') };
  return [
    {
      ...cold,
      beside: { what: "in the SFU's sample order", figure: slopes('plain') },
      budget: { of: 'here', most: 4.5 },
    },
    { ...cold, beside: { what: 'partytracks', figure: slopes('partytracks') } },
    {
      ...toFirstFrame,
      what: `${toFirstFrame.what}, prewarmed`,
      here: slopes('prewarmed'),
      beside: { what: 'cold', figure: slopes('cold') },
      budget: { of: 'here', most: 2.2 },
    },
    {
      what: 'join, cold, from a page of another origin: preflights, each a round trip once',
      here: counts('cold', 'preflights'),
      budget: { of: 'here', most: 0 },
    },
    {
      what: 'join, prewarmed: requests to the broker, the one in the lobby and the socket included',
      here: counts('prewarmed', 'calls'),
      beside: { what: 'cold', figure: counts('cold', 'calls') },
      budget: { of: 'here', most: 3 },
    },
    ...ROUND_TRIPS_MS.flatMap((roundTripMs): Row[] => {
      const what = `join to first remote frame, ${roundTripMs} ms away`;
      const row = (client: ClientName, name: string, beside: ClientName, besideName: string): Row => ({
        what: `${what}, ${name}`,
        unit: 'ms',
        here: times(client, roundTripMs),
        beside: { what: besideName, figure: times(beside, roundTripMs) },
      });
      return [
        row('cold', 'cold', 'plain', 'sample order'),
        row('prewarmed', 'prewarmed', 'partytracks', 'partytracks'),
      ];
    }),
  ];
}
