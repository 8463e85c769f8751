import { expect } from 'vitest';
import { checkAnswer, checkRequest } from '../schema/check.ts';
import { describeViolation } from '../schema/violations.ts';
import { startBrowser, type BrowserClient, type Reply, type TestBrowser } from '../testing/browser-client.ts';
import type { Target } from './target.ts';

export interface Publisher {
  client: BrowserClient;
  sessionId: string;
  mids: string[];
}

export interface Source {
  name: string;
  source: string;
  rids?: string[];
  /** A MIME type to prefer. */
  codec?: string;
}

/** The pages of one test, which call an SFU over its API and send each other media through it. */
export class Callers {
  readonly #browser: TestBrowser;
  readonly #target: Target;
  readonly #clients: BrowserClient[] = [];

  constructor(browser: TestBrowser, target: Target) {
    this.#browser = browser;
    this.#target = target;
  }

  static async start(target: Target): Promise<Callers> {
    return new Callers(await startBrowser(), target);
  }

  /** Another set of pages in the same browser, for another SFU. */
  on(target: Target): Callers {
    return new Callers(this.#browser, target);
  }

  async newClient(): Promise<BrowserClient> {
    const client = await this.#browser.open(this.#target.api, this.#target.token);
    this.#clients.push(client);
    return client;
  }

  /** A page with a session that nothing was negotiated on. */
  async newSession(): Promise<{ client: BrowserClient; sessionId: string }> {
    const client = await this.newClient();
    return { client, sessionId: await client.session() };
  }

  /** A page that sends; its packets flow. */
  async publish(tracks: Source[]): Promise<Publisher> {
    const { client, sessionId } = await this.newSession();
    const { tracks: published } = await client.do('push', tracks);
    await client.do('connected');
    await client.do('flowing');
    return { client, sessionId, mids: published.map(({ mid }) => mid) };
  }

  publishCamera(): Promise<Publisher> {
    return this.publish([{ name: 'camera', source: 'camera' }]);
  }

  /** A page that receives the camera of that publisher, with a picture on. */
  async subscribe({ sessionId }: Publisher): Promise<{ client: BrowserClient; mid: string }> {
    const { client } = await this.newSession();
    const { tracks } = await client.do('pull', [{ sessionId, trackName: 'camera' }]);
    expect(tracks).toEqual([{ mid: '0', trackName: 'camera', sessionId }]);
    const { mid } = tracks[0]!;
    await client.do('play', mid);
    return { client, mid };
  }

  /** Closes the pages; what any of their calls and answers had wrong, by the API's shapes. */
  async leave(): Promise<string[]> {
    const clients = this.#clients.splice(0);
    const exchanges = (await Promise.all(clients.map((client) => client.exchanges()))).flat();
    await Promise.all(clients.map((client) => client.close()));
    const violations = exchanges.flatMap(({ method, path, request, status, answer }) => {
      const call = { method, path: `/apps/app${path}` };
      return [checkRequest(call, request), checkAnswer(call, status, answer)];
    });
    return violations.flatMap((violation) => (violation ? describeViolation(violation) : []));
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

/** Calls again until the status is the wanted one: for what the SFU learns from the network, without an event of its own. */
export async function untilStatus(client: BrowserClient, status: number): Promise<Reply> {
  for (;;) {
    const reply = await client.do('onSession', 'GET', '');
    if (reply.status === status) return reply;
  }
}
