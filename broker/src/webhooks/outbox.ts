import type { WebhookEvent } from '#protocol';
import { log } from '../log.ts';

/** An event that waits to be sent. Times are milliseconds since the epoch. */
export interface Outgoing {
  id: string;
  body: string;
  /** How often it was tried before. */
  attempts: number;
  dueAt: number;
  expiresAt: number;
}

/** Events of one room that wait; one more drops the oldest. */
const EVENTS_MAX = 500;
const LIFETIME_MS = 24 * 60 * 60 * 1000;
/** Longer than an attempt may take. */
const RETRY_FIRST_MS = 15_000;
const RETRY_MAX_MS = 60 * 60 * 1000;
const ATTEMPTS_MAX = 12;

/**
 * What the owner's backend is still to be told. Sent in order: the first event holds the others up until it is taken, or
 * given up after twelve tries in four hours, or a day old. The map is the caller's; entries are replaced whole.
 */
export class Outbox {
  readonly #map: Map<string, Outgoing>;

  constructor(map: Map<string, Outgoing>) {
    this.#map = map;
  }

  add(event: WebhookEvent): void {
    const { id, at } = event;
    this.#map.set(id, { id, body: JSON.stringify(event), attempts: 0, dueAt: at, expiresAt: at + LIFETIME_MS });
    this.#giveUp([...this.#map.keys()].slice(0, -EVENTS_MAX));
  }

  /** The first event, where it is due. Its retry is booked before the attempt, for the object may end during it. */
  takeDue(now: number): Outgoing | undefined {
    if (this.nextDue() > now) return undefined;
    const lost = [...this.#map.values()].filter((event) => event.expiresAt <= now || event.attempts >= ATTEMPTS_MAX);
    this.#giveUp(lost.map(({ id }) => id));
    const [first] = this.#map.values();
    if (!first) return undefined;
    const dueAt = now + Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** first.attempts);
    this.#map.set(first.id, { ...first, attempts: first.attempts + 1, dueAt });
    return first;
  }

  taken(id: string): void {
    this.#map.delete(id);
  }

  /** When the first event is to be tried; Infinity where none waits. */
  nextDue(): number {
    const [first] = this.#map.values();
    return first?.dueAt ?? Infinity;
  }

  #giveUp(ids: readonly string[]): void {
    for (const id of ids) this.#map.delete(id);
    if (ids.length > 0) log('webhook_given_up', { events: ids.length });
  }
}
