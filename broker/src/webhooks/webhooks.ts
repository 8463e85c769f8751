import type { WebhookEvent, WebhookParticipant } from '#protocol';
import { readConfig } from '../env.ts';
import type { Effect } from '../room/room-state.ts';
import type { Seat } from '../room/seat.ts';
import { newHandle } from '../secret.ts';
import { newCall, observe } from './call-record.ts';
import { deliver, type Outgoing } from './deliver.ts';
import { Outbox } from './outbox.ts';

/** Tells the owner's backend who comes and goes, for one room. What it has to tell outlives the object's memory. */
export class Webhooks {
  readonly #ctx: DurableObjectState;
  readonly #env: object;
  readonly #outbox: Outbox;
  #isSending = false;

  constructor(ctx: DurableObjectState, env: object) {
    this.#ctx = ctx;
    this.#env = env;
    this.#outbox = new Outbox(ctx.storage.sql);
  }

  /** Has it stored anything? */
  get exists(): boolean {
    return this.#outbox.exists;
  }

  /** Is there an event that was not taken yet? */
  get isPending(): boolean {
    return this.#outbox.dueAt < Number.POSITIVE_INFINITY;
  }

  /** When the first event is to be tried, or tried again. */
  get dueAt(): number {
    return this.#outbox.dueAt;
  }

  /** Comes after each event of the room: notes who came and who left, and sends what is due. `sent` is called when the next may go. */
  follow(effects: readonly Effect[], seats: Iterable<Seat>, now: number, sent: () => void): void {
    const logged = effects.filter((effect) => effect.type === 'log');
    const reasons = new Map(logged.map(({ participant, reason = '' }) => [participant, reason]));
    if (logged.length > 0) this.#note([...seats], reasons, now);
    const event = this.#isSending ? undefined : this.#outbox.takeDue(now);
    if (event) this.#ctx.waitUntil(this.#send(event, now, sent));
  }

  #note(here: readonly WebhookParticipant[], reasons: ReadonlyMap<string, string>, now: number): void {
    const before = this.#outbox.call ?? newCall(newHandle(), this.#ctx.id.name ?? '', now);
    const { call, happenings, isOver } = observe(before, here, reasons, now);
    if (happenings.length === 0) return;
    this.#outbox.call = isOver ? undefined : call;
    for (const happening of happenings) {
      const id = newHandle();
      const event = { id, at: now, room: call.room, call: call.id, ...happening };
      this.#outbox.add(id, JSON.stringify(event satisfies WebhookEvent), now);
    }
  }

  /** In the background: a receiver that is slow or gone delays nobody. */
  async #send(event: Outgoing, now: number, sent: () => void): Promise<void> {
    this.#isSending = true;
    // Misconfigured is as when the receiver fails: it is tried again.
    const config = await readConfig(this.#env).catch(() => undefined);
    const isTaken = config?.webhooks !== undefined && (await deliver(config.webhooks, event, now));
    this.#isSending = false;
    if (isTaken) this.#outbox.taken(event);
    sent();
  }

  /** The storage was deleted. */
  reset(): void {
    this.#outbox.reset();
  }
}
