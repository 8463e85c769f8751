/** What the SFU's process uses. */
export interface Usage {
  /** Processor time since its start, in milliseconds. */
  cpuMs: number;
  /** Time since its start, read in the same moment. */
  uptimeMs: number;
  rssBytes: number;
  heapBytes: number;
  /** Live handles and timers by kind, as Node counts them. */
  resources: Record<string, number>;
}

/** Run with `--expose-gc`, the process collects its garbage first. */
export function readUsage(): Usage {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return { cpuMs: (user + system) / 1000, uptimeMs: performance.now(), rssBytes: rss, heapBytes: heapUsed, resources };
}
