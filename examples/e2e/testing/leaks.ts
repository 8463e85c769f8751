import type { Browser, Page } from 'playwright-core';

/** What is alive in a page once garbage is collected. */
export interface Leftovers {
  peerConnections: number;
  sockets: number;
  listeners: number;
  nodes: number;
  heapBytes: number;
}

/** A page of nobody else's, without a probe: that would hold what is to be counted. */
export async function openLeakPage(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  return page;
}

/** Joins, waits for a picture, and leaves, so many times. Each time with another token, for each may come only so often. */
export async function comeAndGo(page: Page, times: number, mint: () => Promise<string>): Promise<void> {
  const tokens = await Promise.all(Array.from({ length: times }, mint));
  for (const token of tokens) await page.evaluate(joinAndLeave, token);
}

export async function readLeftovers(page: Page): Promise<Leftovers> {
  const session = await page.context().newCDPSession(page);
  try {
    const count = async (constructor: string) => {
      const { result } = await session.send('Runtime.evaluate', { expression: `${constructor}.prototype` });
      const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: result.objectId! });
      const length = await session.send('Runtime.callFunctionOn', {
        objectId: objects.objectId!,
        functionDeclaration: 'function () { return this.length; }',
        returnByValue: true,
      });
      await session.send('Runtime.releaseObject', { objectId: objects.objectId! });
      return length.result.value as number;
    };
    await session.send('Performance.enable');
    await session.send('HeapProfiler.collectGarbage');
    const [peerConnections, sockets] = [await count('RTCPeerConnection'), await count('WebSocket')];
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? NaN;
    return {
      peerConnections,
      sockets,
      listeners: metric('JSEventListeners'),
      nodes: metric('Nodes'),
      heapBytes: metric('JSHeapUsedSize'),
    };
  } finally {
    await session.detach();
  }
}

/** Runs in the page, whose only call it is. */
async function joinAndLeave(token: string): Promise<void> {
  const everything = (root: ParentNode): Element[] =>
    [...root.querySelectorAll('*')].flatMap((element) => [
      element,
      ...(element.shadowRoot ? everything(element.shadowRoot) : []),
    ]);
  const find = async (selector: string, text = ''): Promise<HTMLElement> => {
    for (;;) {
      const found = everything(document).find(
        (element) =>
          element.matches(selector) &&
          [element.textContent, element.ariaLabel].some((label) => label?.trim().endsWith(text)),
      );
      if (found instanceof HTMLElement) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  document.querySelector('realtime-call')!.setAttribute('token', token);
  (await find('button', 'Join')).click();
  await find('video.shown');
  (await find('button', 'Leave')).click();
  (await find('button', 'Back to the lobby')).click();
  await find('button', 'Join');
}
