import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import type { WebhookEvent } from '#protocol';

const URL = 'https://hooks.test/calls?from=broker';
/** 32 bytes. */
export const WEBHOOK_SECRET = 'whsec_q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=';

interface Delivery {
  headers: Headers;
  redirect: string;
  body: string;
  event: WebhookEvent;
}

type Answer = () => Response | Promise<Response>;

/** The owner's backend at the fetch seam, in front of what else fetch has become: it takes every event unless told otherwise. */
export class FakeReceiver {
  readonly deliveries: Delivery[] = [];
  #answers: Answer[] = [];

  /** Sets the broker up for webhooks until {@link FakeReceiver.uninstall}. */
  static install(): FakeReceiver {
    const receiver = new FakeReceiver();
    const inner = vi.mocked(globalThis.fetch).getMockImplementation()!;
    vi.mocked(globalThis.fetch).mockImplementation((input, init) => {
      const request = new Request(input, init);
      return request.url === URL ? receiver.#receive(request) : inner(input, init);
    });
    Object.assign(env, { WEBHOOK_URL: URL, WEBHOOK_SECRET });
    return receiver;
  }

  static uninstall(): void {
    Object.assign(env, { WEBHOOK_URL: undefined, WEBHOOK_SECRET: undefined });
  }

  /** Answers the next deliveries, in order. */
  next(...answers: Answer[]): void {
    this.#answers.push(...answers);
  }

  get types(): string[] {
    return this.deliveries.map(({ event }) => event.type);
  }

  /** Waits until so many have come, and a little for one too many. */
  async until(count: number): Promise<WebhookEvent[]> {
    await vi.waitUntil(() => this.deliveries.length >= count, { interval: 2 });
    await scheduler.wait(10);
    return this.deliveries.map(({ event }) => event);
  }

  async #receive(request: Request): Promise<Response> {
    const { headers, redirect } = request;
    const body = await request.text();
    this.deliveries.push({ headers, redirect, body, event: JSON.parse(body) as WebhookEvent });
    return (this.#answers.shift() ?? (() => new Response(null, { status: 204 })))();
  }
}
