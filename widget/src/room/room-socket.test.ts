import { beforeEach, describe, expect, it } from 'vitest';
import { CloseCode, PING_INTERVAL_MS, type ClientMessage } from '#protocol';
import { CallError } from '../call/errors.ts';
import type { SocketEvent } from '../call/ports.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { FakeSocket } from '../testing/fake-socket.ts';
import { liveTrack, person } from '../testing/people.ts';
import {
  CONNECT_TIMEOUT_MS,
  PONG_TIMEOUT_MS,
  RoomSocket,
  STABLE_MS,
  WAKE_PONG_TIMEOUT_MS,
  WAKE_SPACING_MS,
} from './room-socket.ts';

const TRACKS: ClientMessage = { type: 'tracks', sessionId: 'session', tracks: [liveTrack('camera')] };
const hello = (rev: number, epoch = 'one') => ({ type: 'hello', protocol: 1, epoch, rev });

let clock: FakeClock;
let sockets: FakeSocket[];
let events: SocketEvent[];
let wake: () => void;
let isWakeHeard: boolean;
/** What the broker answers to each call for a ticket; the last stays. */
let tickets: (string | CallError)[];
let ticketCalls: number;
/** Settles when the broker answers those calls. */
let ticketDelay: Promise<void> | undefined;
let room: RoomSocket;

beforeEach(() => {
  clock = new FakeClock();
  sockets = [];
  events = [];
  tickets = ['ticket-2'];
  ticketCalls = 0;
  ticketDelay = undefined;
  isWakeHeard = true;
  const options = {
    url: 'wss://broker/rooms/studio/socket',
    position: { epoch: 'one', rev: 5 },
    openSocket: (url: string, protocols: string[]) => {
      const socket = new FakeSocket(url, protocols);
      sockets.push(socket);
      return socket;
    },
    fetchTicket: async () => {
      ticketCalls += 1;
      await ticketDelay;
      const ticket = tickets.length > 1 ? tickets.shift()! : tickets[0]!;
      if (ticket instanceof CallError) throw ticket;
      return ticket;
    },
    listener: (event: SocketEvent) => void events.push(event),
    onWake: (run: () => void) => {
      wake = run;
      return () => (isWakeHeard = false);
    },
    isHidden: () => false,
    clock,
    random: () => 1,
  };
  room = new RoomSocket(options, 'ticket-1');
});

function current(): FakeSocket {
  return sockets.at(-1)!;
}

function types(): string[] {
  return events.map(({ type }) => type);
}

/** Lets the wait after a loss pass, and the next connection open. */
async function comeBack(): Promise<void> {
  const before = sockets.length;
  for (let waited = 0; sockets.length === before && waited < 15_000; waited += 100) await clock.advance(100);
  expect(sockets.length).toBe(before + 1);
  current().accept();
}

describe('connecting', () => {
  it('shows the ticket, and says where its roster stands', () => {
    expect(current().url).toBe('wss://broker/rooms/studio/socket');
    expect(current().protocols).toEqual(['realtime-call.v1', 'ticket.ticket-1']);
    expect(current().sent).toEqual([]);
    current().accept();
    expect(current().messages).toEqual([hello(5)]);
    expect(types()).toEqual(['open']);
  });

  it('that hangs is tried again with a fresh ticket', async () => {
    await clock.advance(CONNECT_TIMEOUT_MS);
    expect(current().closedWith).toBeDefined();
    expect(types()).toEqual(['lost']);
    await clock.advance(1_000);
    expect(sockets).toHaveLength(2);
    expect(current().protocols).toContain('ticket.ticket-2');
  });
});

describe('what is announced', () => {
  it('waits for the socket, and is the last word only', () => {
    room.send({ ...TRACKS, tracks: [] });
    room.send(TRACKS);
    current().accept();
    expect(current().messages).toEqual([hello(5), TRACKS]);
  });

  it('is said again after a reconnect', async () => {
    current().accept();
    room.send(TRACKS);
    current().end(1006);
    await comeBack();
    expect(current().messages).toEqual([hello(5), TRACKS]);
  });
});

describe('the place in the roster', () => {
  const change = (rev: number, epoch = 'one') => ({
    type: 'change',
    epoch,
    rev,
    change: { type: 'put', participant: person('ben') },
  });

  beforeEach(() => current().accept());

  it.each([
    ['follows changes in turn', [change(6), change(7)], hello(7)],
    ['stays before a gap', [change(6), change(8), change(9)], hello(6)],
    ['is not moved by another epoch', [change(6, 'two')], hello(5)],
    [
      'is set by a whole roster',
      [{ type: 'roster', epoch: 'two', rev: 3, participants: [] }, change(4, 'two')],
      hello(4, 'two'),
    ],
  ])('%s', async (_, messages, expected) => {
    for (const message of messages) current().say(message);
    expect(types()).toEqual(['open', ...messages.map(() => 'message')]);
    current().end(1006);
    await comeBack();
    expect(current().messages).toEqual([expected]);
  });

  it('is told again when somebody misses a revision', () => {
    room.resync({ epoch: 'one', rev: 2 });
    expect(current().messages).toEqual([hello(5), hello(2)]);
  });

  it('survives words this client does not know', () => {
    for (const text of ['{"type":"confetti"}', 'not JSON', '{}', 'null']) current().say(text);
    expect(types()).toEqual(['open']);
  });
});

describe('messages that have come', () => {
  const say = (count: number) => {
    for (let index = 0; index < count; index += 1) current().say({ type: 'current', epoch: 'one', rev: 5 });
  };
  const acks = () => {
    const said = current().messages as ClientMessage[];
    return said.flatMap((message) => (message.type === 'ack' ? message.received : []));
  };

  it('SR1 are acknowledged 2 s after the first, and not again where nothing follows', async () => {
    current().accept();
    say(3);
    await clock.advance(1_999);
    expect(acks()).toEqual([]);
    await clock.advance(1);
    expect(acks()).toEqual([3]);
    await clock.advance(4_000);
    expect(acks()).toEqual([3]);
  });

  it('SR1 are acknowledged after 64, known to this client or not', () => {
    current().accept();
    say(63);
    expect(acks()).toEqual([]);
    current().say('{"type":"confetti"}');
    expect(acks()).toEqual([64]);
    current().say('pong');
    say(64);
    expect(acks()).toEqual([64, 128]);
  });

  it('SR1 are counted anew by each connection', async () => {
    current().accept();
    say(70);
    current().end(CloseCode.tooSlow);
    await comeBack();
    say(64);
    expect(acks()).toEqual([64]);
  });
});

describe('a lost socket', () => {
  it.each([1001, 1006, 1011, 1012, 4400, 4413, 4999])('closed with %i comes back', async (code) => {
    current().accept();
    current().end(code);
    expect(types()).toEqual(['open', 'lost']);
    await comeBack();
    expect(types()).toEqual(['open', 'lost', 'open']);
  });

  it('is told of once, however long it takes to come back', async () => {
    tickets = [new CallError('broker-unreachable')];
    current().accept();
    current().end(1006);
    await clock.advance(60_000);
    expect(ticketCalls).toBeGreaterThan(5);
    tickets = ['ticket-3'];
    await comeBack();
    expect(types()).toEqual(['open', 'lost', 'open']);
  });

  it('CL9 is waited for longer after each failure, and starts anew only after a connection that held', async () => {
    const waits: number[] = [];
    const fail = async () => {
      const before = sockets.length;
      const since = clock.now();
      current().end(1006);
      while (sockets.length === before) await clock.advance(100);
      waits.push(clock.now() - since);
    };
    for (let i = 0; i < 4; i++) await fail();
    current().accept();
    await fail();
    current().accept();
    await clock.advance(STABLE_MS);
    await fail();
    expect(waits).toEqual([1_000, 1_000, 2_000, 4_000, 8_000, 1_000]);
  });

  it('says nothing more, even if it speaks', async () => {
    const first = current();
    first.accept();
    first.end(1006);
    await comeBack();
    const heard = events.length;
    first.say({ type: 'current', epoch: 'one', rev: 5 });
    first.end(CloseCode.removed);
    first.accept();
    expect(events).toHaveLength(heard);
    expect(sockets).toHaveLength(2);
  });
});

describe('silence', () => {
  beforeEach(() => current().accept());

  it('is broken by a ping each interval, and a pong keeps the socket', async () => {
    for (let i = 0; i < 5; i++) {
      await clock.advance(PING_INTERVAL_MS);
      expect(current().sent.filter((text) => text === 'ping')).toHaveLength(i + 1);
      current().say('pong');
    }
    await clock.advance(PONG_TIMEOUT_MS);
    expect(types()).toEqual(['open']);
  });

  it('after a ping means that the socket is dead', async () => {
    await clock.advance(PING_INTERVAL_MS + PONG_TIMEOUT_MS - 1);
    expect(types()).toEqual(['open']);
    await clock.advance(1);
    expect(types()).toEqual(['open', 'lost']);
    expect(current().closedWith).toBeDefined();
  });

  it('is not silence where anything at all was heard', async () => {
    await clock.advance(PING_INTERVAL_MS);
    current().say({ type: 'current', epoch: 'one', rev: 5 });
    await clock.advance(PONG_TIMEOUT_MS);
    expect(types()).not.toContain('lost');
  });

  it('after a sleep is not waited for as long', async () => {
    await clock.sleep(10 * 60_000);
    await clock.advance(WAKE_PONG_TIMEOUT_MS);
    expect(types()).toEqual(['open', 'lost']);
  });
});

describe('waking', () => {
  it('probes an open socket', async () => {
    current().accept();
    wake();
    expect(current().sent.at(-1)).toBe('ping');
    await clock.advance(WAKE_PONG_TIMEOUT_MS);
    expect(types()).toEqual(['open', 'lost']);
  });

  it('cuts a wait short, though not in a flurry', async () => {
    current().accept();
    await clock.advance(WAKE_SPACING_MS - 1);
    current().end(1006);
    wake();
    await settle();
    expect(sockets).toHaveLength(1);
    await clock.advance(1);
    wake();
    wake();
    await settle();
    expect(sockets).toHaveLength(2);
  });
});

describe('being turned away', () => {
  it.each([
    [CloseCode.removed, 'removed'],
    [CloseCode.ended, 'ended'],
    [CloseCode.replaced, 'replaced'],
    [CloseCode.clientTooOld, 'client-too-old'],
  ])('with %i is final: %s', async (code, reason) => {
    current().accept();
    current().end(code);
    expect(events.at(-1)).toEqual({ type: 'closed', reason });
    await clock.advance(120_000);
    expect(sockets).toHaveLength(1);
    expect(clock.pending).toBe(0);
    expect(isWakeHeard).toBe(false);
  });

  it('for a spent ticket gets a fresh one at once; twice in a row it is final', async () => {
    current().end(CloseCode.unauthorized);
    await settle();
    expect(sockets).toHaveLength(2);
    expect(current().protocols).toContain('ticket.ticket-2');
    current().accept();
    current().end(CloseCode.unauthorized);
    expect(events.at(-1)).toEqual({ type: 'closed', reason: 'unauthorized' });
  });

  it('for a ticket, the seat being gone, is final', async () => {
    tickets = [new CallError('token-refused')];
    current().accept();
    current().end(1006);
    await clock.advance(1_000);
    expect(events.at(-1)).toEqual({ type: 'closed', reason: 'unauthorized' });
    expect(clock.pending).toBe(0);
  });
});

describe('leaving', () => {
  it('tells the broker over an open socket, and ends everything', () => {
    current().accept();
    expect(room.leave(true)).toBe(true);
    expect(current().messages.at(-1)).toEqual({ type: 'leave', mayReturn: true });
    expect(current().closedWith).toBe(1000);
    expect(clock.pending).toBe(0);
    current().end(1006);
    wake();
    expect(types()).toEqual(['open']);
  });

  it('cannot tell it while there is no connection', async () => {
    current().accept();
    current().end(1006);
    expect(room.leave(false)).toBe(false);
    await clock.advance(60_000);
    expect(sockets).toHaveLength(1);
  });

  it('cannot tell it, nor say anything else, once the other end has begun to close', async () => {
    current().accept();
    current().readyState = 2;
    const said = current().sent.length;
    current().say({ type: 'pong-like', of: 'a newer broker' });
    room.send(TRACKS);
    await clock.advance(PING_INTERVAL_MS);
    expect(current().sent).toHaveLength(said);
    expect(room.leave(false)).toBe(false);
    expect(current().sent).toHaveLength(said);
  });

  it('while a ticket is fetched opens no socket any more', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    ticketDelay = promise;
    current().accept();
    current().end(1006);
    await clock.advance(1_000);
    expect(ticketCalls).toBe(1);
    room.leave(false);
    resolve();
    await settle();
    expect(sockets).toHaveLength(1);
  });
});
