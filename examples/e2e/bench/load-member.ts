import { setTimeout as wait } from 'node:timers/promises';
import {
  PING_INTERVAL_MS,
  PROTOCOL_VERSION,
  SOCKET_PROTOCOL,
  TICKET_PREFIX,
  parseServerMessage,
  type JoinResponse,
  type Participant,
} from '#protocol';
import type { BareBroker } from '../../../broker/dev/load/bare-broker.ts';

/** Somebody in the call, who reconnects as the widget does: after a random part of a second, then ever longer. */
export class LoadMember {
  readonly #broker: BareBroker;
  readonly #room: string;
  readonly #secret: string;
  readonly #id: string;
  #socket: WebSocket | undefined;
  #isLeft = false;
  #ping: NodeJS.Timeout | undefined;
  #received = 0;
  epoch = '';
  rev = 0;
  /** As the room has told it: what was said while it was started anew is lost. */
  isHandRaised = false;
  people = new Set<string>();
  /** When this one was told of a revision. */
  readonly heardAt = new Map<number, number>();
  readonly reconnects: number[] = [];
  readonly closed: number[] = [];

  constructor(broker: BareBroker, room: string, { self, memberSecret }: JoinResponse) {
    this.#broker = broker;
    this.#room = room;
    this.#id = self.id;
    this.#secret = memberSecret;
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
      this.people.clear();
      for (const participant of message.participants) this.#see(participant);
    }
    if (message.type !== 'change' || message.rev !== this.rev + 1) return;
    this.rev = message.rev;
    this.heardAt.set(message.rev, performance.now());
    if (message.change.type === 'put') this.#see(message.change.participant);
    if (message.change.type === 'gone') this.people.delete(message.change.id);
  }

  #see({ id, hand }: Participant): void {
    this.people.add(id);
    if (id === this.#id) this.isHandRaised = hand !== undefined;
  }
}
