import type { Unsubscribe } from '../call/ports.ts';

/** Calls `run` when the network is back, or the page is looked at again. */
export function onPageWake(run: () => void): Unsubscribe {
  const controller = new AbortController();
  const { signal } = controller;
  window.addEventListener('online', run, { signal });
  document.addEventListener('visibilitychange', () => document.hidden || run(), { signal });
  return () => controller.abort();
}
