import { SyntheticClient, type SfuAccess } from './synthetic-client.ts';
import type { StreamPlan } from './synthetic-stream.ts';

/** Milliseconds. Coarser, and streams would come in bursts; finer, and the loop would do nothing else. */
const PUMP_INTERVAL_MS = 4;

/** Clients that send for as long as the call lasts. */
export class SyntheticCall {
  readonly clients: SyntheticClient[] = [];
  readonly #access: SfuAccess;
  readonly #pump: NodeJS.Timeout;

  constructor(access: SfuAccess) {
    this.#access = access;
    this.#pump = setInterval(() => {
      const now = performance.now();
      for (const client of this.clients) client.pump(now);
    }, PUMP_INTERVAL_MS);
  }

  /** Resolves when the client is connected, and sends where it has plans. */
  async join(plans: readonly StreamPlan[]): Promise<SyntheticClient> {
    const client = await SyntheticClient.open(this.#access);
    this.clients.push(client);
    if (plans.length === 0) return client;
    await client.publish(plans);
    await client.connected;
    return client;
  }

  close(): void {
    clearInterval(this.#pump);
    for (const client of this.clients.splice(0)) client.close();
  }
}
