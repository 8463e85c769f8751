import { exports } from 'cloudflare:workers';
import {
  parseJoinResponse,
  parseServerMessage,
  parseTicketResponse,
  type ClientMessage,
  type JoinResponse,
  type ServerMessage,
} from '#protocol';
import { BROKER, upgrade } from './connection.ts';
import { MICROPHONE, mint, publishing, room } from './client.ts';
import { Replica } from './replica.ts';

/** After these a client is out of the call. */
const OUT = new Set([4401, 4403, 4410]);

/** A client that keeps to the protocol, with real sockets to the real object; when it calls and connects is told from outside. */
export class LiveClient {
  readonly sub: string;
  replica = new Replica();
  /** Absent while it is out of the call, as far as it knows. */
  seat: JoinResponse | undefined;
  readonly #watch: (message: ServerMessage) => void;
  #socket: WebSocket | undefined;
  #ticket: string | undefined;

  /** `watch` hears all that comes. */
  constructor(sub: string, watch: (message: ServerMessage) => void) {
    this.sub = sub;
    this.#watch = watch;
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  async join(): Promise<void> {
    const body = { protocol: 1, publish: publishing() };
    const response = await this.#post('join', await mint({ sub: this.sub, role: 'host' }), body);
    if (!response.ok) return;
    const seat = parseJoinResponse(await response.json());
    this.#forget();
    this.seat = seat;
    this.#ticket = seat.ticket;
    this.replica.start(seat.roster);
  }

  /** Opens a socket where there is none, with the ticket of the join or another. */
  async connect(): Promise<void> {
    const { seat } = this;
    if (!seat || this.#socket) return;
    const ticket = this.#ticket ?? (await this.#askForTicket(seat));
    this.#ticket = undefined;
    if (ticket === undefined) return;
    const response = await upgrade(room(), ticket);
    const socket = response.webSocket;
    if (!socket) return;
    socket.accept();
    if (this.seat !== seat || this.#socket) return socket.close(1000, 'overtaken');
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#socket === socket && this.#hear(String(data)));
    socket.addEventListener('close', ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      if (OUT.has(code)) this.#forget();
    });
    this.#hello();
    this.announce(false);
  }

  /** Ends the socket without a word before. */
  drop(): void {
    this.#socket?.close(1000, 'drop');
    this.#socket = undefined;
  }

  /** As a browser does that is killed. */
  vanish(): void {
    this.drop();
    this.#forget();
  }

  /** Out of the call, by its own will. */
  leave(mayReturn: boolean): void {
    this.say({ type: 'leave', mayReturn });
    if (this.#socket) this.#forget();
  }

  say(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  announce(muted: boolean): void {
    const { publish } = this.seat ?? {};
    if (publish && 'sessionId' in publish)
      this.say({ type: 'tracks', sessionId: publish.sessionId, tracks: [{ ...MICROPHONE, muted }] });
  }

  #hear(text: string): void {
    const message = parseServerMessage(text);
    this.#watch(message);
    if (message.type === 'mute') this.announce(true);
    if (this.replica.read(message) === 'gap') this.#hello();
  }

  #hello(): void {
    const { epoch, rev, chat } = this.replica;
    this.say({ type: 'hello', protocol: 1, epoch, rev, chat: Math.max(0, ...chat) });
  }

  async #askForTicket({ memberSecret }: JoinResponse): Promise<string | undefined> {
    const response = await this.#post('ticket', memberSecret);
    if (response.ok) return parseTicketResponse(await response.json()).ticket;
    if (response.status === 401 && this.seat?.memberSecret === memberSecret) this.#forget();
    return undefined;
  }

  #forget(): void {
    this.#socket = undefined;
    this.seat = undefined;
    this.#ticket = undefined;
    this.replica = new Replica();
  }

  #post(path: string, bearer: string, body?: object): Promise<Response> {
    return exports.default.fetch(`${BROKER}/rooms/${room()}/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
      ...(body && { body: JSON.stringify(body) }),
    });
  }
}
