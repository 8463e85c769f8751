import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from 'playwright-core';
import { browserArgs, browserPath } from '../../../../.ci/browser.ts';

/** What a call of the page's client answers: plain data, read by the tests field by field. */
export interface Reply {
  [field: string]: unknown;
  status: number;
  body: Record<string, unknown>;
  sessionId: string;
  description?: 'offer' | 'answer';
  errorCode?: string;
  tracks: { mid: string; trackName: string; sessionId?: string; errorCode?: string; status?: string }[];
}

/** One call of a page's. */
export interface Exchange {
  method: string;
  /** Behind the app's id. */
  path: string;
  /** Undefined where there is no body. */
  request: unknown;
  status: number;
  answer: unknown;
}

/** A page with the client of contract-page.js in it. */
export class BrowserClient {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Calls a method of the page's client. */
  do<T = Reply>(method: string, ...parameters: unknown[]): Promise<T> {
    return this.page.evaluate(`client.${method}(...${JSON.stringify(parameters)})`);
  }

  /** Opens a session without an offer; its id. */
  async session(): Promise<string> {
    const { sessionId } = await this.do('open');
    return sessionId;
  }

  /** Every call the page made, with its answer. */
  exchanges(): Promise<Exchange[]> {
    return this.page.evaluate('client.exchanges');
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

export interface TestBrowser {
  open(api: string, token: string): Promise<BrowserClient>;
  close(): Promise<void>;
}

/** Starts Chromium and a server for its pages: a page from nowhere may not call loopback. */
export async function startBrowser(): Promise<TestBrowser> {
  const script = readFileSync(new URL('contract-page.js', import.meta.url), 'utf8');
  const pages = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>client</title><link rel="icon" href="data:,"><script>${script}</script>`);
  });
  pages.listen(0, '127.0.0.1');
  await once(pages, 'listening');
  const url = `http://127.0.0.1:${(pages.address() as AddressInfo).port}/`;
  const browser: Browser = await chromium.launch({
    executablePath: await browserPath(),
    args: browserArgs,
    // With the sound muted no audio energy is counted.
    ignoreDefaultArgs: ['--mute-audio'],
  });
  return {
    async open(api, token) {
      const page = await browser.newPage();
      await page.goto(url);
      await page.evaluate(`startClient(${JSON.stringify(api)}, ${JSON.stringify(token)})`);
      return new BrowserClient(page);
    },
    async close() {
      await browser.close();
      pages.close();
      pages.closeAllConnections();
    },
  };
}
