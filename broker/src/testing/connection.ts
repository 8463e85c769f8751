import { env, exports } from 'cloudflare:workers';
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { expect } from 'vitest';
import { SOCKET_PROTOCOL, TICKET_PREFIX, parseServerMessage, parseTicketResponse, type ServerMessage } from '#protocol';
import { toParticipant } from '../room/seat.ts';
import { Replica } from './replica.ts';
import { storedState } from './stored-state.ts';

export const BROKER = 'https://broker.test';
/** An answer to this frame, which nobody may send, comes behind all that the room had to say before it. */
const LAST_WORD = JSON.stringify({ type: 'tracks', sessionId: '0'.repeat(32), tracks: [] });

const online = new Set<Connection>();

/** For `afterEach`: ends every socket. */
export function closeAll(): void {
  for (const connection of online) connection.close();
  online.clear();
}

/** A client's way to its room: one socket, and after each cut the next. */
export class Connection {
  readonly room: string;
  readonly replica = new Replica();
  /** Resolves with the code of a close that is no cut. */
  readonly closed: Promise<number>;
  readonly #memberSecret: string;
  readonly #hear: (message: ServerMessage) => void;
  readonly #end: (code: number) => void;
  /** What is told again after each `hello` until it is done, and is no news then. */
  readonly #told = new Set<string>();
  #socket!: WebSocket;
  #cut: (() => void) | undefined;
  #isUpToDate: (() => void) | undefined;

  constructor(room: string, memberSecret: string, hear: (message: ServerMessage) => void) {
    this.room = room;
    this.#memberSecret = memberSecret;
    this.#hear = hear;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.closed = promise;
    this.#end = resolve;
  }

  async open(ticket: string): Promise<void> {
    const response = await upgrade(this.room, ticket);
    expect(response.status).toBe(101);
    const socket = response.webSocket!;
    this.#socket = socket;
    socket.accept();
    online.add(this);
    socket.addEventListener('close', ({ code }) => {
      this.#cut?.();
      if (this.#cut && code === 1006) return;
      online.delete(this);
      this.#end(code);
    });
    socket.addEventListener('message', ({ data }) => {
      if (data !== 'pong') this.#read(parseServerMessage(String(data)));
    });
  }

  get isOpen(): boolean {
    return online.has(this);
  }

  send(frame: string | ArrayBuffer): void {
    this.#socket.send(frame);
  }

  close(): void {
    online.delete(this);
    this.#socket.close(1000, 'test');
  }

  /** The answer to a ping. */
  ping(): Promise<string> {
    return new Promise((resolve) => {
      this.#socket.addEventListener('message', ({ data }) => resolve(String(data)), { once: true });
      this.#socket.send('ping');
    });
  }

  /** Resolves when the socket has ended. */
  awaitCut(): Promise<void> {
    return new Promise((resolve) => {
      this.#cut = resolve;
    });
  }

  /** Opens the next socket, as a client does that was cut off. */
  async reopen(): Promise<void> {
    this.#cut = undefined;
    const response = await exports.default.fetch(`${BROKER}/rooms/${this.room}/ticket`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#memberSecret}` },
    });
    await this.open(parseTicketResponse(await response.json()).ticket);
  }

  /** Hears what was missed. What is no news does not go on to the test. */
  async catchUp(): Promise<void> {
    const { epoch, rev, chat } = this.replica;
    const done = new Promise<void>((resolve) => {
      this.#isUpToDate = resolve;
    });
    this.send(JSON.stringify({ type: 'hello', protocol: 1, epoch, rev, chat: Math.max(0, ...chat) }));
    this.send(LAST_WORD);
    await done;
  }

  #read(message: ServerMessage): void {
    this.replica.read(message);
    const text = JSON.stringify(message);
    const isKnown = this.#told.has(text);
    if (message.type !== 'error') this.#told.add(text);
    if (!this.#isUpToDate) return this.#hear(message);
    if (message.type === 'error') {
      this.#isUpToDate();
      this.#isUpToDate = undefined;
    } else if (!isKnown && !['roster', 'change', 'current'].includes(message.type)) this.#hear(message);
  }
}

export function upgrade(name: string, ticket: string, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch(`${BROKER}/rooms/${name}/socket`, {
    headers: {
      upgrade: 'websocket',
      origin: 'https://page.test',
      'sec-websocket-protocol': `${SOCKET_PROTOCOL}, ${TICKET_PREFIX}${ticket}`,
      ...headers,
    },
  });
}

/**
 * Ends the object's memory and all its sockets, of which it is not told, and waits until every client is back and up to
 * date. Nothing about the call may be another then.
 */
export async function cutSockets(name: string, isAlone: () => boolean): Promise<void> {
  const room = env.ROOMS.getByName(name);
  if (![...online].some((connection) => connection.room === name))
    return evictDurableObject(room).catch(() => undefined);
  // Those that the room has closed hear it first. No waiting of vitest's: it would let the test's clock go on.
  while ((await countSockets(name, WebSocket.CLOSING)) > 0) await scheduler.wait(1);
  const isUndisturbed = isAlone();
  const connections = [...online].filter((connection) => connection.room === name);
  const before = [...((await storedState(name))?.seats.values() ?? [])].map(toParticipant);
  const cut = connections.map((connection) => connection.awaitCut());
  await evictDurableObject(room, { webSockets: 'close' } as never);
  await Promise.all(cut);
  const back = connections.filter((connection) => connection.isOpen);
  // Nobody hears of the others' return before having said hello.
  for (const connection of back) await connection.reopen();
  await Promise.all(back.map((connection) => connection.catchUp()));
  if (!isUndisturbed || !isAlone()) return;
  for (const { replica } of back) if (replica.epoch !== 'waiting') expect(replica.participants).toEqual(before);
}

export function countSockets(name: string, inState: number = WebSocket.OPEN): Promise<number> {
  return runInDurableObject(env.ROOMS.getByName(name), (_object, state) => {
    return state.getWebSockets().filter(({ readyState }) => readyState === inState).length;
  });
}
