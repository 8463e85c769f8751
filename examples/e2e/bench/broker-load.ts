import { setTimeout as wait } from 'node:timers/promises';
import { PROTOCOL_VERSION } from '#protocol';
import { BareBroker } from '../../../broker/dev/load/bare-broker.ts';
import { PUBLISH_MICROPHONE } from '../../../broker/dev/load/publish-microphone.ts';
import type { BenchGroup } from './bench-group.ts';
import { LoadMember } from './load-member.ts';
import type { Row } from './table.ts';

const SOCKETS = 50;
/** A hand goes up or down every 1.5 s of the call. */
const CALL_MINUTES = 5;
const COMPRESSION = 15;
const SAID_EVERY_MS = 1_500 / COMPRESSION;
const JOINS = 1_000;
const FLOODERS = 10;

/** A full room, with a restart in its middle, and what hostile clients cost. */
export const brokerLoadGroup: BenchGroup = {
  name: 'load',
  title: `a room of ${SOCKETS} sockets, restarted in its middle, and floods`,
  async run({ isQuick, progress }) {
    const broker = await BareBroker.start();
    try {
      const call = await measureCall(broker, isQuick ? CALL_MINUTES / 2 : CALL_MINUTES);
      progress('flooding it');
      const joins = await measureJoins(broker);
      const flood = await measureFlood(broker);
      return {
        raw: { call, joins, flood },
        rows: [...callRows(call), ...joinRows(joins), ...floodRows(flood)],
        notes: [
          `${call.said} hands went up or down, ${COMPRESSION} times as often as people do it; pings, the 25 s of grace and reconnecting take the time they take`,
        ],
      };
    } finally {
      await broker.stop();
    }
  },
};

async function measureCall(broker: BareBroker, minutes: number) {
  const lengthMs = (minutes * 60_000) / COMPRESSION;
  const room = 'bench-call';
  const members: LoadMember[] = [];
  for (let index = 0; index < SOCKETS; index += 1) {
    const joined = await broker.join(room, `sub-${index}`);
    const member = new LoadMember(broker, room, joined);
    member.open(joined.ticket);
    members.push(member);
  }
  await until(() => members.every(({ isOpen, people }) => isOpen && people.size === SOCKETS));
  const delays: number[] = [];
  const start = performance.now();
  let said = 0;
  let isRestarted = false;
  for (; performance.now() - start < lengthMs; said += 1) {
    if (!isRestarted && performance.now() - start > lengthMs / 2) {
      isRestarted = true;
      await broker.runtime.restart();
    }
    const speaker = members[said % SOCKETS]!;
    const rev = speaker.rev + 1;
    const saidAt = performance.now();
    // A revision that is told by itself: nobody loses or finds a socket now.
    const isCalm = members.every((member) => member.isOpen && member.rev === rev - 1);
    speaker.say({ type: 'hand', raised: !speaker.isHandRaised });
    await wait(SAID_EVERY_MS);
    if (!isCalm) continue;
    await until(() => members.every((member) => member.rev >= rev || !member.isOpen));
    for (const { heardAt } of members) delays.push((heardAt.get(rev) ?? Infinity) - saidAt);
  }
  await until(() => members.every(({ isOpen, rev }) => isOpen && rev === members[0]!.rev));
  const back = members.filter(({ isOpen, people }) => isOpen && people.size === SOCKETS).length;
  const first = members.flatMap(({ reconnects }) => reconnects.slice(0, 1));
  const buckets = new Map<number, number>();
  for (const at of first) {
    const bucket = Math.floor((at - Math.min(...first)) / 100);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  const lost = members.filter(({ closed }) => closed.length > 0).length;
  for (const member of members) member.leave();
  delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.floor(delays.length * share)] ?? NaN;
  const crest = (100 * Math.max(...buckets.values())) / SOCKETS;
  return { said, minutes, lengthMs, back, cut: lost, crest, samples: delays.length, p50: at(0.5), p95: at(0.95) };
}

async function measureJoins(broker: BareBroker) {
  const token = broker.mint('bench-joins', 'greedy');
  const before = broker.sfu.sessionsCreated;
  const statuses = new Map<number, number>();
  const start = performance.now();
  for (let index = 0; index < JOINS; index += 50)
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const response = await broker.post('/rooms/bench-joins/join', token, {
          protocol: PROTOCOL_VERSION,
          publish: PUBLISH_MICROPHONE,
        });
        await response.body?.cancel();
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      }),
    );
  // A burst of six, and one more in two seconds.
  const allowed = 7 + (performance.now() - start) / 2_000;
  return { refused: statuses.get(429) ?? 0, sessions: broker.sfu.sessionsCreated - before, allowed };
}

/** Ten members each send as fast as they can, until they are cut off; a bystander pings meanwhile. */
async function measureFlood(broker: BareBroker) {
  const room = 'bench-flood';
  const bystander = await broker.enter(room, 'bystander');
  const before = broker.runtime.memory();
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, broker.runtime.memory())), 20);
  const closes: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    const flooders = await Promise.all(
      Array.from({ length: FLOODERS }, (_, index) => broker.enter(room, `f-${index}`)),
    );
    for (const flooder of flooders)
      for (let index = 0; index < 500; index += 1) flooder.say({ type: 'hand', raised: index % 2 === 0 });
    closes.push(...(await Promise.all(flooders.map(({ closed }) => closed))));
  }
  clearInterval(watch);
  bystander.end();
  return { cutOff: closes.filter((code) => code === 4429).length, floods: closes.length, grownBytes: most - before };
}

function callRows({ minutes, lengthMs, back, crest, p50, p95, cut }: Awaited<ReturnType<typeof measureCall>>): Row[] {
  const room = `${SOCKETS} sockets, ${minutes} minutes compressed into ${lengthMs / 1_000} s, restarted`;
  return [
    { what: `${room}: cut by it`, here: cut },
    { what: `${room}: back with the whole roster`, here: back, budget: { of: 'here', least: SOCKETS } },
    { what: `${room}: reconnects in the busiest 100 ms`, unit: '%', here: crest, budget: { of: 'here', most: 25 } },
    { what: `a change to ${SOCKETS} sockets, half of them`, unit: 'ms', digits: 1, here: p50 },
    {
      what: `a change to ${SOCKETS} sockets, 95 %`,
      unit: 'ms',
      digits: 1,
      here: p95,
      budget: { of: 'here', most: 150 },
    },
  ];
}

function joinRows({ refused, sessions, allowed }: Awaited<ReturnType<typeof measureJoins>>): Row[] {
  return [
    { what: `${JOINS} joins with one token: refused`, here: refused },
    {
      what: `${JOINS} joins with one token: sessions made at the SFU`,
      here: sessions,
      budget: { of: 'here', most: Math.floor(allowed) },
    },
  ];
}

function floodRows({ cutOff, floods, grownBytes }: Awaited<ReturnType<typeof measureFlood>>): Row[] {
  const flood = `floods of 500 messages, ${FLOODERS} at a time`;
  return [
    { what: `${flood}: cut off of ${floods}`, here: cutOff, budget: { of: 'here', least: floods } },
    {
      what: `${flood}: memory of the runtime grows`,
      unit: 'MB',
      digits: 1,
      here: grownBytes / 1e6,
      budget: { of: 'here', most: 30 },
    },
  ];
}

async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !holds(); await wait(20))
    if (Date.now() > deadline) throw new Error('The room did not come to rest.');
}
