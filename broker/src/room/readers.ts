import { UNREAD_MAX_BYTES, UNREAD_MAX_MESSAGES, UNREAD_MAX_MS } from '#protocol';

/** What is on its way to a socket, as far as its client has not said that it came. */
interface Way {
  sizes: number[];
  bytes: number;
  /** How many messages the client has said it has; undefined where its count began before this object woke. */
  received: number | undefined;
  /** Since when changes are held back, in milliseconds since the epoch; Infinity where they are not. */
  heldSince: number;
}

/** With so many times as much on its way a socket is too slow at once. */
const HOPELESS = 4;

/**
 * Who reads what is sent, and who does not. The runtime takes whatever is sent to a socket into memory, read or not,
 * and tells nobody. In memory only: a room that was put to sleep had nothing to send.
 */
export class Readers {
  readonly #ways = new Map<string, Way>();

  opened(connectionId: string): void {
    this.#ways.set(connectionId, newWay(0));
  }

  closed(connectionId: string): void {
    this.#ways.delete(connectionId);
  }

  /**
   * May a change be sent, or is too much on its way already? `notice` comes once, for the first that is held back: a
   * client that reads the notice asks for what is missing, and is sent changes again.
   */
  next(connectionId: string, now: number): 'send' | 'notice' | 'hold' {
    const way = this.#ways.get(connectionId);
    if (!way || (way.heldSince === Infinity && !isOver(way, 1))) return 'send';
    if (way.heldSince < Infinity) return 'hold';
    way.heldSince = now;
    return 'notice';
  }

  sent(connectionId: string, bytes: number): void {
    const way = this.#ways.get(connectionId) ?? newWay(undefined);
    this.#ways.set(connectionId, way);
    way.sizes.push(bytes);
    way.bytes += bytes;
    if (isOver(way, HOPELESS)) way.heldSince = 0;
  }

  /** The client has received so many messages in all. The first count after a sleep is taken to cover everything. */
  acknowledged(connectionId: string, received: number): void {
    const way = this.#ways.get(connectionId);
    if (!way) return;
    arrived(way, way.received === undefined ? way.sizes.length : received - way.received);
    way.received = received;
  }

  /** The client asks what it has missed: what was sent before has come. */
  asked(connectionId: string): void {
    const way = this.#ways.get(connectionId);
    if (!way) return;
    if (way.received !== undefined) way.received += way.sizes.length;
    arrived(way, way.sizes.length);
    way.heldSince = Infinity;
  }

  /** Sockets that have been behind for too long. */
  tooSlow(now: number): string[] {
    return [...this.#ways].flatMap(([id, { heldSince }]) => (heldSince + UNREAD_MAX_MS <= now ? [id] : []));
  }

  nextDue(): number {
    return Math.min(...[...this.#ways.values()].map(({ heldSince }) => heldSince + UNREAD_MAX_MS));
  }
}

function newWay(received: number | undefined): Way {
  return { sizes: [], bytes: 0, received, heldSince: Infinity };
}

function isOver({ sizes, bytes }: Way, times: number): boolean {
  return sizes.length > UNREAD_MAX_MESSAGES * times || bytes > UNREAD_MAX_BYTES * times;
}

function arrived(way: Way, messages: number): void {
  for (const size of way.sizes.splice(0, Math.max(0, messages))) way.bytes -= size;
}
