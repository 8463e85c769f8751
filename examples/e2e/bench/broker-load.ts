import { setTimeout as wait } from 'node:timers/promises';
import { PING_INTERVAL_MS, PROTOCOL_VERSION, SOCKET_PROTOCOL, TICKET_PREFIX, parseServerMessage } from '#protocol';
import { BareBroker } from '../../../broker/dev/load/bare-broker.ts';
import type { BenchGroup } from './bench-group.ts';
import type { Row } from './table.ts';

const SOCKETS = 50;
/** Everybody says something about as often in this time as in five minutes of a call. */
const CALL_MS = 20_000;
const RESTART_AT_MS = 8_000;
const JOINS = 1_000;
const FLOODERS = 10;

/** A full room, with a restart in its middle, and what hostile clients cost. */
export const brokerLoadGroup: BenchGroup = {
  name: 'load',
  title: 'a room of 50 sockets, restarted in its middle, and floods',
  async run({ isQuick, progress }) {
    const broker = await BareBroker.start();
    try {
      const call = await measureCall(broker, isQuick ? CALL_MS / 2 : CALL_MS);
      progress('flooding it');
      const joins = await measureJoins(broker);
      const flood = await measureFlood(broker);
      return { raw: { call, joins, flood }, rows: [...callRows(call), ...joinRows(joins), ...floodRows(flood)] };
    } finally {
      await broker.stop();
    }
  },
};

/** Somebody in the call, who reconnects as the widget does: after a random part of a second, then ever longer. */
class Member {
  readonly #broker: BareBroker;
  readonly #room: string;
  readonly #secret: string;
  #socket: WebSocket | undefined;
  #isLeft = false;
  #ping: NodeJS.Timeout | undefined;
  #received = 0;
  epoch: string;
  rev: number;
  people = new Set<string>();
  /** When this one was told of a revision. */
  readonly heardAt = new Map<number, number>();
  readonly reconnects: number[] = [];
  readonly closed: number[] = [];

  constructor(broker: BareBroker, room: string, secret: string, epoch: string, rev: number) {
    this.#broker = broker;
    this.#room = room;
    this.#secret = secret;
    this.epoch = epoch;
    this.rev = rev;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open(ticket: string): void {
    const url = `${this.#broker.url.replace('http', 'ws')}/rooms/${this.#room}/socket`;
    const socket = new WebSocket(url, [SOCKET_PROTOCOL, `${TICKET_PREFIX}${ticket}`]);
    this.#socket = socket;
    this.#received = 0;
    socket.addEventListener('open', () => {
      this.say({ type: 'hello', protocol: PROTOCOL_VERSION, epoch: this.epoch, rev: this.rev });
      this.#ping = setInterval(() => socket.send('ping'), PING_INTERVAL_MS);
    });
    socket.addEventListener('message', ({ data }) => this.#hear(String(data)));
    socket.addEventListener('close', ({ code }) => {
      clearInterval(this.#ping);
      if (this.#isLeft) return;
      this.closed.push(code);
      void this.#return();
    });
  }

  say(message: object): void {
    if (this.isOpen) this.#socket?.send(JSON.stringify(message));
  }

  leave(): void {
    this.#isLeft = true;
    this.#socket?.close();
  }

  async #return(): Promise<void> {
    for (let attempt = 0; !this.#isLeft; attempt += 1) {
      await wait(Math.random() * (attempt === 0 ? 1_000 : 500 * 2 ** attempt));
      this.reconnects.push(performance.now());
      const ticket = await this.#broker.ticket(this.#room, this.#secret).catch(() => undefined);
      if (ticket !== undefined) return this.open(ticket);
    }
  }

  #hear(text: string): void {
    if (text === 'pong') return;
    this.#received += 1;
    if (this.#received % 64 === 0) this.say({ type: 'ack', received: this.#received });
    const message = parseServerMessage(text);
    if (message.type === 'roster') {
      Object.assign(this, { epoch: message.epoch, rev: message.rev });
      this.people = new Set(message.participants.map(({ id }) => id));
    }
    if (message.type !== 'change' || message.rev !== this.rev + 1) return;
    this.rev = message.rev;
    this.heardAt.set(message.rev, performance.now());
    if (message.change.type === 'put') this.people.add(message.change.participant.id);
    if (message.change.type === 'gone') this.people.delete(message.change.id);
  }
}

async function measureCall(broker: BareBroker, lengthMs: number) {
  const room = 'bench-call';
  const members: Member[] = [];
  for (let index = 0; index < SOCKETS; index += 1) {
    const { memberSecret, ticket } = await broker.join(room, `sub-${index}`);
    const member = new Member(broker, room, memberSecret, '', 0);
    member.open(ticket);
    members.push(member);
  }
  await until(() => members.every(({ isOpen, people }) => isOpen && people.size === SOCKETS));
  const delays: number[] = [];
  const start = performance.now();
  let restartedAt = 0;
  for (let said = 0; performance.now() - start < lengthMs; said += 1) {
    const isDue = restartedAt === 0 && performance.now() - start > Math.min(RESTART_AT_MS, lengthMs / 2);
    if (isDue) {
      restartedAt = performance.now();
      await broker.runtime.restart();
    }
    const speaker = members[said % SOCKETS]!;
    const rev = speaker.rev + 1;
    const saidAt = performance.now();
    // A revision that is told by itself: nobody loses or finds a socket now.
    const isCalm = members.every((member) => member.isOpen && member.rev === rev - 1);
    speaker.say({ type: 'hand', raised: said % (2 * SOCKETS) < SOCKETS });
    await wait(100);
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
  return { back, cut: lost, crest, samples: delays.length, p50: at(0.5), p95: at(0.95) };
}

async function measureJoins(broker: BareBroker) {
  const token = broker.mint('bench-joins', 'greedy');
  const before = broker.sfu.sessionsCreated;
  const statuses = new Map<number, number>();
  const start = performance.now();
  const publish = {
    sessionDescription: { type: 'offer', sdp: OFFER },
    tracks: [{ location: 'local', mid: '0', trackName: 'mic' }],
  };
  for (let index = 0; index < JOINS; index += 50)
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const response = await broker.post('/rooms/bench-joins/join', token, { protocol: PROTOCOL_VERSION, publish });
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

function callRows({ back, crest, p50, p95, cut }: Awaited<ReturnType<typeof measureCall>>): Row[] {
  const room = `room of ${SOCKETS} sockets, restarted`;
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

const OFFER = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'c=IN IP4 0.0.0.0',
  'a=mid:0',
  'a=sendonly',
  'a=rtpmap:111 opus/48000/2',
  '',
].join('\r\n');
