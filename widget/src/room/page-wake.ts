import type { Unsubscribe } from '../call/ports.ts';

/** Calls `run` when the network is back, or is another one. */
export function onNetworkChange(run: () => void): Unsubscribe {
  const controller = new AbortController();
  const { signal } = controller;
  window.addEventListener('online', run, { signal });
  // Not every browser tells. It changes with each estimate of speed too.
  const { connection } = navigator as { connection?: EventTarget & { type?: string } };
  let type = connection?.type;
  const hear = (): void => {
    if (type !== (type = connection?.type)) run();
  };
  connection?.addEventListener('change', hear, { signal });
  return () => controller.abort();
}

/** Calls `run` when the network is back, or is another one, or the page is looked at again. */
export function onPageWake(run: () => void): Unsubscribe {
  const unsubscribe = onNetworkChange(run);
  const look = (): void => {
    if (!document.hidden) run();
  };
  document.addEventListener('visibilitychange', look);
  return () => {
    unsubscribe();
    document.removeEventListener('visibilitychange', look);
  };
}
