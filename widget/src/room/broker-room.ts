import {
  PROTOCOL_VERSION,
  SFU_TIMEOUT_MS,
  compact,
  parseJoinResponse,
  parsePrepareResponse,
  parseTicketResponse,
  routes,
  type JoinResponse,
} from '#protocol';
import { CallError } from '../call/errors.ts';
import { explain } from '../call/explain.ts';
import {
  BrokerError,
  type Clock,
  type RoomPort,
  type SfuApi,
  type SocketEvent,
  type Unsubscribe,
} from '../call/ports.ts';
import { BrokerHttp, type Fetch } from './broker-http.ts';
import { RoomSocket, type SocketLike } from './room-socket.ts';
import { explainRefusal, readHint } from './room-token.ts';
import { createSfuProxy } from './sfu-proxy.ts';
import type { TabMemory } from './tab-memory.ts';
import type { TokenSource } from './token-source.ts';

/** Behind a join the broker makes two SFU calls in a row. */
export const JOIN_TIMEOUT_MS = 2 * SFU_TIMEOUT_MS + 3_000;
const CALL_TIMEOUT_MS = 8_000;
/** A join may be waiting for it, and does better without than late. */
const PREPARE_TIMEOUT_MS = 4_000;

export interface BrokerRoomOptions {
  /** Read at each join, and fixed for as long as the seat is held. */
  settings(): { room: string; broker: string };
  tokens: TokenSource;
  memory: TabMemory;
  fetch: Fetch;
  openSocket(url: string, protocols: string[]): SocketLike;
  onWake(run: () => void): Unsubscribe;
  isHidden(): boolean;
  clock: Clock;
  random(): number;
}

/** A place in a room of one broker, and the right to it. */
interface Seat {
  room: string;
  broker: string;
  http: BrokerHttp;
  secret: string;
}

/** The room behind a broker, over HTTP and one socket. */
export class BrokerRoom implements RoomPort {
  readonly #options: BrokerRoomOptions;
  #seat: Seat | undefined;
  #socket: RoomSocket | undefined;

  constructor(options: BrokerRoomOptions) {
    this.#options = options;
  }

  readToken: RoomPort['readToken'] = async (signal) => readHint(await this.#options.tokens.current(signal));

  join: RoomPort['join'] = async (request, signal) => {
    const { clock, fetch, memory, settings } = this.#options;
    const { room, broker } = settings();
    this.#socket?.close();
    this.#socket = undefined;
    const http = new BrokerHttp({ base: broker, fetch, clock });
    const resume = await memory.seat(seatName({ broker, room }));
    const body = compact({ ...request, protocol: PROTOCOL_VERSION, resume });
    const joined = await this.#joinWithToken(room, signal, async (bearer) =>
      parseJoinResponse(
        await http.call({ method: 'POST', path: routes.join(room), bearer, body, timeoutMs: JOIN_TIMEOUT_MS }),
      ),
    );
    const seat = { room, broker, http, secret: joined.memberSecret };
    // A join given up under way has taken a seat all the same, and it must not stay as somebody who is not there.
    if (signal.aborted) this.#tellLeave(seat, false);
    signal.throwIfAborted();
    this.#hold(seat);
    return joined;
  };

  prepare: RoomPort['prepare'] = async (offers, signal) => {
    const { clock, fetch, tokens, settings } = this.#options;
    const { room, broker } = settings();
    const bearer = await tokens.current(signal);
    const request = { method: 'POST', path: routes.prepare(room), bearer, body: { offers } } as const;
    const http = new BrokerHttp({ base: broker, fetch, clock });
    return parsePrepareResponse(await http.call({ ...request, timeoutMs: PREPARE_TIMEOUT_MS }));
  };

  connect(joined: JoinResponse, listener: (event: SocketEvent) => void): void {
    const seat = this.#seat;
    if (!seat) return;
    const { openSocket, onWake, isHidden, clock, random } = this.#options;
    const { epoch, rev } = joined.roster;
    this.#socket = new RoomSocket(
      {
        url: seat.broker.replace(/^http/, 'ws') + routes.socket(seat.room),
        position: { epoch, rev },
        fetchTicket: () => fetchTicket(seat),
        listener: (event) => {
          // Whoever was turned out holds nothing any more that could be left.
          if (event.type === 'closed') this.#hold(undefined);
          listener(event);
        },
        openSocket,
        onWake,
        isHidden,
        clock,
        random,
      },
      joined.ticket,
    );
  }

  send: RoomPort['send'] = (message) => this.#socket?.send(message);

  resync: RoomPort['resync'] = (epoch, rev) => this.#socket?.resync({ epoch, rev });

  leave(mayReturn: boolean): void {
    const seat = this.#seat;
    const told = this.#socket?.leave(mayReturn) ?? false;
    this.#socket = undefined;
    if (!seat) return;
    // A page that goes away may take what was put on its socket with it.
    if (!told || mayReturn) this.#tellLeave(seat, mayReturn);
    this.#seat = undefined;
    if (!mayReturn) this.#forget(seat);
  }

  /** Good for the seat held when it is read. */
  get sfu(): SfuApi {
    const seat = this.#seat;
    if (!seat) throw new CallError('broker-failed', 'no seat is held');
    const proxy = createSfuProxy(seat.room, (method, path, body, timeoutMs) =>
      seat.http.call({ method, path, bearer: seat.secret, body, timeoutMs }),
    );
    return {
      ...proxy,
      getSession: (id) => {
        // Asked only where the way of the media is in doubt, and then the socket's is too.
        this.#socket?.wake();
        return proxy.getSession(id);
      },
    };
  }

  /** With the token held; where it is refused, once more with another. */
  async #joinWithToken<T>(room: string, signal: AbortSignal, join: (bearer: string) => Promise<T>): Promise<T> {
    const { tokens, clock } = this.#options;
    let token = await tokens.current(signal);
    signal.throwIfAborted();
    try {
      return await join(token).catch(async (error: unknown) => {
        if (!isUnauthorized(error)) throw error;
        const other = await tokens.another(token, signal);
        if (other === undefined) throw error;
        signal.throwIfAborted();
        token = other;
        return join(token);
      });
    } catch (error) {
      throw isUnauthorized(error) ? explainRefusal(token, room, clock.now()) : explain(error, 'broker-failed');
    }
  }

  #hold(seat: Seat | undefined): void {
    if (seat) void this.#options.memory.keepSeat(seatName(seat), seat.secret);
    else if (this.#seat) this.#forget(this.#seat);
    this.#seat = seat;
  }

  #forget(seat: Seat): void {
    void this.#options.memory.keepSeat(seatName(seat), undefined);
  }

  #tellLeave({ http, room, secret }: Seat, mayReturn: boolean): void {
    const request = { method: 'POST', path: routes.leave(room), body: { mayReturn } } as const;
    // Nobody can be told that it failed; the broker finds out by itself.
    http.call({ ...request, bearer: secret, timeoutMs: CALL_TIMEOUT_MS, keepalive: true }).catch(() => {});
  }
}

async function fetchTicket({ http, room, secret }: Seat): Promise<string> {
  try {
    const path = routes.ticket(room);
    return parseTicketResponse(await http.call({ method: 'POST', path, bearer: secret, timeoutMs: CALL_TIMEOUT_MS }))
      .ticket;
  } catch (error) {
    throw explain(error, 'broker-failed');
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof BrokerError && error.status === 401;
}

function seatName({ broker, room }: Pick<Seat, 'broker' | 'room'>): string {
  return `${broker}/${room}`;
}
