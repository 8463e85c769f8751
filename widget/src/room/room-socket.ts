import {
  ACK_DELAY_MS,
  ACK_MESSAGES_MAX,
  CloseCode,
  PING_INTERVAL_MS,
  PROTOCOL_VERSION,
  SOCKET_PROTOCOL,
  TICKET_PREFIX,
  parseServerMessage,
  type ClientMessage,
  type ServerMessage,
} from '#protocol';
import { CallError } from '../call/errors.ts';
import type { Clock, SocketEvent, Unsubscribe } from '../call/ports.ts';
import { reconnectDelay } from './reconnect-delay.ts';

export const CONNECT_TIMEOUT_MS = 8_000;
export const PONG_TIMEOUT_MS = 5_000;
/** After a sleep, or when the page is looked at again, a socket that is alive answers at once. */
export const WAKE_PONG_TIMEOUT_MS = 2_000;
export const WAKE_SPACING_MS = 300;
/** A connection that held this long starts the count of attempts anew. */
export const STABLE_MS = 5_000;

/** `WebSocket.OPEN`. */
const OPEN = 1;

/** What this uses of a WebSocket. */
export type SocketLike = Pick<WebSocket, 'send' | 'close' | 'readyState'> & Pick<EventTarget, 'addEventListener'>;

type ClosedReason = Extract<SocketEvent, { type: 'closed' }>['reason'];

const TERMINAL: Readonly<Record<number, ClosedReason>> = {
  [CloseCode.removed]: 'removed',
  [CloseCode.ended]: 'ended',
  [CloseCode.replaced]: 'replaced',
  [CloseCode.clientTooOld]: 'client-too-old',
};

export interface RosterPosition {
  epoch: string;
  rev: number;
}

export interface RoomSocketOptions {
  url: string;
  position: RosterPosition;
  openSocket(url: string, protocols: string[]): SocketLike;
  /** Rejects with a CallError; `tokenRefused` means that the seat is gone. */
  fetchTicket(): Promise<string>;
  listener(event: SocketEvent): void;
  /** Tells when the network is back or the page is looked at again. */
  onWake(run: () => void): Unsubscribe;
  isHidden(): boolean;
  clock: Clock;
  random(): number;
}

/**
 * The room's socket, kept open through drops, restarts and sleep, until it is left or the broker says for good that it
 * is over. One connection at a time: events of an earlier one reach nobody.
 */
export class RoomSocket {
  readonly #options: RoomSocketOptions;
  readonly #unsubscribeWake: Unsubscribe;
  #position: RosterPosition;
  #announced: ClientMessage | undefined;
  #phase: 'connecting' | 'open' | 'waiting' | 'closed' = 'connecting';
  #socket: SocketLike | undefined;
  /** Aborted with the connection, or with the wait for the next one. */
  #life = new AbortController();
  /** What ends with it. */
  readonly #timers = new Set<Unsubscribe>();
  #heardAt = 0;
  /** Messages of this connection, and how many of them the broker knows to have come. */
  #received = 0;
  #acknowledged = 0;
  #attempt = 0;
  #triedAt = 0;
  #lostAt: number | undefined;
  #refusals = 0;

  constructor(options: RoomSocketOptions, ticket: string) {
    this.#options = options;
    this.#position = options.position;
    this.#unsubscribeWake = options.onWake(() => this.wake());
    this.#connect(ticket);
  }

  /** Sent where the socket is open. The last `tracks` are sent again whenever it opens. */
  send(message: ClientMessage): void {
    if (message.type === 'tracks') this.#announced = message;
    if (this.#phase === 'open') this.#send(message);
  }

  /** Asks for what follows `position`. */
  resync(position: RosterPosition): void {
    this.#position = position;
    if (this.#phase === 'open') this.#hello();
  }

  /** The network is in doubt, or back: whether the socket is alive is asked, and where there is none, no more waiting. */
  wake(): void {
    if (this.#phase === 'open') this.#probe(WAKE_PONG_TIMEOUT_MS);
    else if (this.#phase === 'waiting' && this.#options.clock.now() - this.#triedAt >= WAKE_SPACING_MS)
      void this.#reconnect();
  }

  /** Closes for good. Returns whether the broker could be told over the socket itself. */
  leave(mayReturn: boolean): boolean {
    const isOpen = this.#phase === 'open' && this.#mayPut;
    if (isOpen) this.#send({ type: 'leave', mayReturn });
    this.close();
    return isOpen;
  }

  /** Closes for good without a word: the seat stays for its time of grace. */
  close(): void {
    this.#renewLife();
    this.#phase = 'closed';
    this.#unsubscribeWake();
    this.#socket?.close(1000);
  }

  #connect(ticket: string): void {
    const signal = this.#renewLife();
    this.#phase = 'connecting';
    this.#triedAt = this.#options.clock.now();
    const socket = this.#options.openSocket(this.#options.url, [SOCKET_PROTOCOL, TICKET_PREFIX + ticket]);
    this.#socket = socket;
    socket.addEventListener('open', () => signal.aborted || this.#opened());
    socket.addEventListener('message', (event) => signal.aborted || this.#hear((event as MessageEvent<unknown>).data));
    socket.addEventListener('close', (event) => signal.aborted || this.#hearClose((event as CloseEvent).code));
    this.#after(CONNECT_TIMEOUT_MS, () => this.#phase === 'connecting' && this.#lost());
  }

  #opened(): void {
    this.#phase = 'open';
    this.#lostAt = undefined;
    this.#received = this.#acknowledged = 0;
    this.#hello();
    if (this.#announced) this.#send(this.#announced);
    this.#after(STABLE_MS, () => {
      this.#attempt = 0;
      this.#refusals = 0;
    });
    this.#pingLater();
    this.#options.listener({ type: 'open' });
  }

  #hello(): void {
    this.#send({ type: 'hello', protocol: PROTOCOL_VERSION, ...this.#position });
  }

  #hear(data: unknown): void {
    this.#heardAt = this.#options.clock.now();
    if (typeof data !== 'string' || data === 'pong') return;
    this.#received += 1;
    const unsaid = this.#received - this.#acknowledged;
    if (unsaid === 1) this.#after(ACK_DELAY_MS, () => this.#acknowledge());
    if (unsaid >= ACK_MESSAGES_MAX) this.#acknowledge();
    const message = parseOrIgnore(data);
    if (!message) return;
    if (message.type === 'roster') this.#position = { epoch: message.epoch, rev: message.rev };
    else if (message.type === 'change' && this.#isNext(message))
      this.#position = { ...this.#position, rev: message.rev };
    this.#options.listener({ type: 'message', message });
  }

  /** The broker holds back what is not read. */
  #acknowledge(): void {
    if (this.#acknowledged === this.#received) return;
    this.#acknowledged = this.#received;
    this.#send({ type: 'ack', received: this.#received });
  }

  #isNext({ epoch, rev }: RosterPosition): boolean {
    return epoch === this.#position.epoch && rev === this.#position.rev + 1;
  }

  #hearClose(code: number): void {
    const reason = TERMINAL[code];
    if (reason) return this.#closed(reason);
    if (code !== CloseCode.unauthorized) return this.#lost();
    this.#refusals += 1;
    if (this.#refusals > 1) return this.#closed('unauthorized');
    this.#drop();
    void this.#reconnect();
  }

  /** The browser's timers stand still in sleep: a tick that comes late has slept through the answers. */
  #pingLater(): void {
    const due = this.#options.clock.now() + PING_INTERVAL_MS;
    this.#after(PING_INTERVAL_MS, () => {
      const slept = this.#options.clock.now() > due + PING_INTERVAL_MS;
      this.#probe(slept ? WAKE_PONG_TIMEOUT_MS : PONG_TIMEOUT_MS);
      this.#pingLater();
    });
  }

  #probe(timeout: number): void {
    const sentAt = this.#options.clock.now();
    this.#put('ping');
    this.#after(timeout, () => this.#heardAt < sentAt && this.#lost());
  }

  #lost(): void {
    const lostForMs = this.#drop();
    const { isHidden, random } = this.#options;
    const delay = reconnectDelay({ attempt: this.#attempt, lostForMs, hidden: isHidden() }, random);
    this.#attempt += 1;
    this.#after(delay, () => void this.#reconnect());
  }

  async #reconnect(): Promise<void> {
    const signal = this.#renewLife();
    this.#phase = 'connecting';
    this.#triedAt = this.#options.clock.now();
    try {
      const ticket = await this.#options.fetchTicket();
      if (!signal.aborted) this.#connect(ticket);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof CallError && error.code === 'token-refused') this.#closed('unauthorized');
      else this.#lost();
    }
  }

  /** Gives up the connection. Returns how long there has been none. */
  #drop(): number {
    const now = this.#options.clock.now();
    this.#renewLife();
    this.#phase = 'waiting';
    this.#socket?.close();
    this.#socket = undefined;
    if (this.#lostAt === undefined) {
      this.#lostAt = now;
      this.#options.listener({ type: 'lost' });
    }
    return now - this.#lostAt;
  }

  #closed(reason: ClosedReason): void {
    this.close();
    this.#options.listener({ type: 'closed', reason });
  }

  #renewLife(): AbortSignal {
    this.#life.abort();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#life = new AbortController();
    return this.#life.signal;
  }

  #after(delay: number, run: () => void): void {
    const cancel = this.#options.clock.setTimeout(() => {
      this.#timers.delete(cancel);
      run();
    }, delay);
    this.#timers.add(cancel);
  }

  #send(message: ClientMessage): void {
    this.#put(JSON.stringify(message));
  }

  /** False as soon as the other end begins to close; the event comes later, and a browser complains of what is sent between. */
  get #mayPut(): boolean {
    return this.#socket?.readyState === OPEN;
  }

  #put(text: string): void {
    if (this.#mayPut) this.#socket?.send(text);
  }
}

/** A newer broker may say what this client does not know; that is no reason to end a call. */
function parseOrIgnore(text: string): ServerMessage | undefined {
  try {
    return parseServerMessage(text);
  } catch {
    return undefined;
  }
}
