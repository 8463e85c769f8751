import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  BODY_MAX_BYTES,
  CloseCode,
  SOCKET_MESSAGE_MAX_BYTES,
  UNREAD_MAX_MESSAGES,
  parseServerMessage,
} from '#protocol';
import { BareBroker } from './bare-broker.ts';
import { PUBLISH_MICROPHONE } from './publish-microphone.ts';
import type { RawSocket } from './raw-socket.ts';

/** The broker on the bare runtime, met by clients that keep to no rules. Linux tells what memory it has. */
let broker: BareBroker;
let members = 0;
const WAIT = { timeout: 20_000, interval: 10 };

beforeAll(async () => {
  broker = await BareBroker.start();
  for (let index = 0; index < 5; index += 1) await enter('warm');
});
afterAll(() => broker.stop());

const enter = (room: string, extensions?: string) => broker.enter(room, `sub-${members++}`, extensions);

/** How much more memory the broker has at the most while `run` lasts, in megabytes. */
async function growth(run: () => Promise<void>): Promise<number> {
  const before = broker.runtime.memory();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, broker.runtime.memory())), 5);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  return (Math.max(most, broker.runtime.memory()) - before) / 1e6;
}

describe('frames', () => {
  it.each([
    ['32 KB and a byte', 'text', SOCKET_MESSAGE_MAX_BYTES + 1, CloseCode.tooLarge],
    ['32 KB and a byte, binary', 'binary', SOCKET_MESSAGE_MAX_BYTES + 1, CloseCode.tooLarge],
    ['33 MB', 'text', 33 * 1024 * 1024, 1009],
    ['33 MB, binary', 'binary', 33 * 1024 * 1024, 1009],
  ] as const)('A10 CL6 of %s end the socket, and memory is flat', async (_name, type, bytes, code) => {
    const payload = Buffer.alloc(bytes, 'a');
    const grown = await growth(async () => {
      for (let index = 0; index < 3; index += 1) {
        const socket = await enter('frames');
        socket.send(type, payload);
        expect(await socket.closed).toBe(code);
      }
    });
    expect(grown).toBeLessThan(20);
  });

  it('A10 compressed ones are not agreed to: a bomb of 30 KB stays one of 30 KB', async () => {
    const bomb = deflateRawSync(Buffer.alloc(31 * 1024 * 1024, 'a'));
    expect(bomb.length).toBeLessThan(SOCKET_MESSAGE_MAX_BYTES);
    const grown = await growth(async () => {
      for (let index = 0; index < 3; index += 1) {
        const socket = await enter('bombs', 'permessage-deflate');
        expect(socket.head.toLowerCase()).not.toContain('permessage-deflate');
        socket.send('text', bomb, true);
        expect(await socket.closed).toBe(1002);
      }
    });
    expect(grown).toBeLessThan(10);
  });
});

describe('bodies', () => {
  /** Sends a join on bare TCP. Resolves with the status, and whatever came with it. */
  async function send(headers: string, write: (tcp: Socket) => void): Promise<string> {
    const tcp = connect(broker.port, '127.0.0.1');
    const token = broker.mint('bodies', `sub-${members++}`);
    let text = '';
    const answered = new Promise<void>((resolve) => {
      tcp.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('\r\n\r\n')) resolve();
      });
      tcp.on('error', () => resolve()).on('close', () => resolve());
    });
    tcp.write(`POST /rooms/bodies/join HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${headers}\r\n\r\n`);
    write(tcp);
    await answered;
    tcp.destroy();
    return /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 'no answer';
  }
  const JOIN = '{"protocol":1}';

  it('A9 ER6 one declared too large is refused before it comes', async () => {
    expect(await send(`Content-Length: ${BODY_MAX_BYTES + 1}`, () => undefined)).toBe('413');
  });

  it('A9 ER6 one in pieces, without an end, is read up to the limit: memory is flat', async () => {
    let sent = 0;
    const grown = await growth(async () => {
      const status = await send('Transfer-Encoding: chunked', (tcp) => {
        const piece = Buffer.alloc(64 * 1024, ' ');
        // Without a pause between them the answer is lost in the reset that follows.
        const timer = setInterval(() => {
          if (tcp.destroyed) return clearInterval(timer);
          sent += piece.length;
          tcp.write(`${piece.length.toString(16)}\r\n`);
          tcp.write(piece);
          tcp.write('\r\n');
        }, 2);
      });
      expect(status).toBe('413');
    });
    expect(sent).toBeLessThan(20e6);
    expect(grown).toBeLessThan(10);
  });

  it.each([
    ['is shorter than it says: what follows is another request', `Content-Length: ${JOIN.length}`, `${JOIN}{}`, '200'],
    ['has two lengths', `Content-Length: 5\r\nContent-Length: ${JOIN.length}`, JOIN, '400'],
    ['has a length below zero', 'Content-Length: -5', JOIN, '400'],
  ])('A9 ER6 one that %s', async (_name, headers, body, status) => {
    expect(await send(headers, (tcp) => tcp.write(body))).toBe(status);
  });

  it('A20 five hundred connections that send a byte a second keep nobody out', async () => {
    const slow = Array.from({ length: 500 }, () => connect(broker.port, '127.0.0.1').on('error', () => undefined));
    const drip = (byte: string) => slow.forEach((tcp) => tcp.write(byte));
    try {
      for (const byte of 'PO') {
        drip(byte);
        await wait(500);
      }
      const start = performance.now();
      await broker.join('slow', `sub-${members++}`);
      expect(performance.now() - start).toBeLessThan(1_000);
      expect(slow.filter((tcp) => tcp.readyState === 'open')).toHaveLength(500);
    } finally {
      for (const tcp of slow) tcp.destroy();
    }
  });
});

describe('a caller that hangs up', () => {
  it('SF11 while the SFU works: what it makes is kept for the seat, and closed with it', async () => {
    const { sfu } = broker;
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    sfu.before = (operation) => {
      if (operation !== 'tracks/new') return;
      reached.resolve();
      return released.promise;
    };
    const before = sfu.open.size;
    const hangUp = new AbortController();
    const token = broker.mint('hang-up', 'ann');
    const joining = fetch(`${broker.url}/rooms/hang-up/join`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ protocol: 1, publish: PUBLISH_MICROPHONE }),
      signal: hangUp.signal,
    });
    await reached.promise;
    hangUp.abort();
    await expect(joining).rejects.toThrow('abort');
    await wait(100);
    sfu.before = () => undefined;
    released.resolve();
    await vi.waitUntil(() => sfu.open.size === before + 1, WAIT);
    // The room hears of it before this, or never.
    await wait(200);
    expect((await broker.post('/rooms/hang-up/leave', token)).status).toBe(200);
    await vi.waitUntil(() => sfu.open.size === before, WAIT);
  });
});

describe('a reader that stops reading', () => {
  const PUBLISHERS = 15;
  const CHANGES = 600;

  it(
    'SR2 has no more than 256 changes on the way, memory is flat, and is up to date when it asks',
    { timeout: 60_000 },
    async () => {
      const room = 'slow-reader';
      const slow = await enter(room);
      const publishers = await Promise.all(Array.from({ length: PUBLISHERS }, () => publisher(room)));
      await vi.waitUntil(() => revOf(publishers[0]!.socket) > 2 * PUBLISHERS, WAIT);
      // Nearly as many messages a second and member as there may be.
      const flood = async () => {
        const before = revOf(publishers[0]!.socket);
        for (let round = 1; round * PUBLISHERS <= CHANGES; round += 1) {
          for (const { announce } of publishers) announce(round % 2 === 1);
          await wait(60);
          await vi.waitUntil(() => revOf(publishers[0]!.socket) >= before + round * PUBLISHERS, WAIT);
        }
      };
      await flood();
      await vi.waitUntil(() => revOf(slow) === revOf(publishers[0]!.socket), WAIT);
      const before = revOf(slow);
      slow.tcp.pause();
      expect(await growth(flood)).toBeLessThan(10);

      slow.tcp.resume();
      await vi.waitUntil(() => typeOf(slow) === 'current', WAIT);
      const read = messages(slow).flatMap((message) =>
        message.type === 'change' && message.rev > before ? message : [],
      );
      expect(read.length).toBeGreaterThan(UNREAD_MAX_MESSAGES / 2);
      expect(read.length).toBeLessThan(UNREAD_MAX_MESSAGES + 2 * PUBLISHERS + 5);

      const { epoch, rev } = read.at(-1)!;
      slow.say({ type: 'hello', protocol: 1, epoch, rev });
      await vi.waitUntil(() => typeOf(slow) === 'roster', WAIT);
      publishers[0]!.announce(true);
      publishers[0]!.announce(false);
      await vi.waitUntil(() => revOf(slow) >= before + CHANGES + 2, WAIT);
    },
  );

  /** Somebody with a microphone. */
  async function publisher(room: string) {
    const { publish, ticket, roster } = await broker.join(room, `sub-${members++}`, {
      publish: PUBLISH_MICROPHONE,
    });
    if (!publish || !('sessionId' in publish)) throw new Error('nothing was published');
    const socket = await broker.socket(room, ticket);
    socket.say({ type: 'hello', protocol: 1, epoch: roster.epoch, rev: roster.rev });
    const announce = (muted: boolean) => {
      const tracks = [{ trackName: 'mic', source: 'microphone', muted, rids: [] }];
      socket.say({ type: 'tracks', sessionId: publish.sessionId, tracks });
    };
    announce(false);
    return { socket, announce };
  }

  const messages = ({ texts }: RawSocket) => texts.map((text) => parseServerMessage(text));
  const last = ({ texts }: RawSocket) => (texts.length > 0 ? parseServerMessage(texts.at(-1)!) : undefined);
  const typeOf = (socket: RawSocket) => last(socket)?.type;
  const revOf = (socket: RawSocket) => {
    const message = last(socket);
    return message && 'rev' in message ? message.rev : 0;
  };
});
