import { execFileSync } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';

/** What a page costs, the whole browser's processes counted. */
export interface BrowserUsage {
  /** Of one core. */
  cores: number;
  /** Resident memory of all processes, and what JavaScript holds of it. */
  residentBytes: number;
  heapBytes: number;
}

/** Over `measureMs`. */
export async function measureUsage(browser: Browser, page: Page, measureMs: number): Promise<BrowserUsage> {
  const session = await browser.newBrowserCDPSession();
  const read = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const cpuSeconds = processInfo.reduce((seconds, { cpuTime }) => seconds + cpuTime, 0);
    return { at: performance.now(), cpuSeconds, processes: processInfo.map(({ id }) => id) };
  };
  const before = await read();
  await page.waitForTimeout(measureMs);
  const after = await read();
  const elapsedSeconds = (after.at - before.at) / 1_000;
  return {
    cores: (after.cpuSeconds - before.cpuSeconds) / elapsedSeconds,
    residentBytes: residentBytes(after.processes),
    heapBytes: await readMetric(page, 'JSHeapUsedSize'),
  };
}

/** One of `Performance.getMetrics`, after garbage was collected. */
export async function readMetric(page: Page, name: string): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  return metrics.find((metric) => metric.name === name)?.value ?? NaN;
}

/** Of these processes together; NaN on a system without `ps`. */
function residentBytes(processes: readonly number[]): number {
  try {
    const lines = execFileSync('ps', ['-o', 'rss=', '-p', processes.join()], { encoding: 'utf8' });
    return lines.split('\n').reduce((bytes, line) => bytes + Number(line) * 1_024, 0);
  } catch {
    return NaN;
  }
}
