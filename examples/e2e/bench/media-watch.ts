import type { Page } from 'playwright-core';

/** When media came to a page again, in milliseconds from {@link watchMedia}. */
export interface MediaReturn {
  sound: number;
  picture: number;
}

/** Loses nothing while it is learned which ports are in use. The ports that the page's connections send from. */
export async function usedPorts(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const ports: number[] = [];
    for (const peer of peers.filter(({ connectionState }) => connectionState === 'connected')) {
      const stats = [...(await peer.getStats()).values()];
      for (const { type, port } of stats) if (type === 'local-candidate' && typeof port === 'number') ports.push(port);
    }
    return ports;
  });
}

/**
 * Begins to look at what is received, and resolves once sound and picture have stopped for a moment and come again.
 * Rejects where they have not stopped, or not come again, within `patienceMs`.
 */
export function watchMedia(page: Page, patienceMs: number): Promise<MediaReturn> {
  return page.evaluate(async (patience) => {
    const STOPPED_MS = 400;
    const POLL_MS = 20;
    const count = async () => {
      const sums = { audio: 0, video: 0 };
      for (const peer of peers.filter(({ connectionState }) => connectionState !== 'closed'))
        for (const stats of (await peer.getStats()).values())
          if (stats.type === 'inbound-rtp')
            sums[stats.kind as 'audio' | 'video'] +=
              stats.kind === 'audio' ? stats.packetsReceived : stats.framesDecoded;
      return sums;
    };
    const start = performance.now();
    const track = { audio: { last: -1, at: start }, video: { last: -1, at: start } };
    const returned: { audio?: number; video?: number } = {};
    const hasStopped = { audio: false, video: false };
    while (returned.audio === undefined || returned.video === undefined) {
      const sums = await count();
      const now = performance.now();
      if (now - start > patience)
        throw new Error(hasStopped.video || hasStopped.audio ? 'media did not come again' : 'media did not stop');
      for (const kind of ['audio', 'video'] as const) {
        const { last, at } = track[kind];
        // A connection that is closed takes its counts with it: less is no more.
        if (sums[kind] > last && last >= 0 && hasStopped[kind]) returned[kind] ??= now - start;
        if (sums[kind] !== last) track[kind] = { last: sums[kind], at: now };
        else if (now - at > STOPPED_MS) hasStopped[kind] = true;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return { sound: returned.audio, picture: returned.video };
  }, patienceMs);
}
