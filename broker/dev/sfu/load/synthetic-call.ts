import { setTimeout as wait } from 'node:timers/promises';
import { SyntheticClient, type SfuAccess } from './synthetic-client.ts';
import type { StreamPlan } from './synthetic-stream.ts';

/** Milliseconds. Coarser, and streams would come in bursts; finer, and the loop would do nothing else. */
const PUMP_INTERVAL_MS = 4;
/** About one in a thousand of the engine's handshakes with itself never ends. */
const CONNECT_MS = 8_000;
const ATTEMPTS_MAX = 3;

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

  /** Resolves when the client is connected, and sends where it has plans; without any it connects with its first pull. */
  async join(plans: readonly StreamPlan[]): Promise<SyntheticClient> {
    for (let attempt = 1; ; attempt++) {
      const client = await SyntheticClient.open(this.#access);
      this.clients.push(client);
      if (plans.length === 0) return client;
      await client.publish(plans);
      const late = wait(CONNECT_MS, undefined, { ref: false }).then(() => Promise.reject(new Error('no connection')));
      try {
        await Promise.race([client.connected, late]);
        return client;
      } catch (error) {
        this.clients.splice(this.clients.indexOf(client), 1);
        client.close();
        if (attempt === ATTEMPTS_MAX) throw error;
        console.error(`A synthetic client did not connect: ${String(error)}; it tries again.`);
      }
    }
  }

  close(): void {
    clearInterval(this.#pump);
    for (const client of this.clients.splice(0)) client.close();
  }
}
