/** `npm run bench`: one table, and the numbers behind it in coverage/bench.json. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../broker/dev/ports.ts';
import { startService, type Service } from '../../../broker/dev/service.ts';
import { FaultClient } from '../../../broker/dev/sfu/faults/fault-client.ts';
import { randomTokenKeys, standInApp, startSite, startStandIn, startWorker } from '../../../broker/dev/stack.ts';
import { WRANGLER_ENVIRONMENT, WRANGLER_PATH } from '../../../broker/dev/wrangler-command.ts';
import { measureBrokerRate } from './broker-rate.ts';
import { startDelayProxy } from './delay-proxy.ts';
import { measureFirstFrames, type FirstFrame } from './first-frame.ts';
import { median } from './median.ts';
import { scriptSize } from './script-size.ts';
import { measureSfuLoad, sfuLoadRows } from './sfu-load.ts';

const ROOT = new URL('../../../', import.meta.url);
const DELAYS = [0, 100];

const interrupt = new AbortController();
const log: string[] = [];
const watch = { signal: interrupt.signal, onLine: (name: string, line: string) => void log.push(`${name} | ${line}`) };

const [sfuPort, controlPort, workerPort] = [await freePort(), await freePort(), await freePort()];
const [sitePort, emptyPort] = [await freePort(), await freePort()];
const app = standInApp(sfuPort);
const tokenKeys = randomTokenKeys();
const faults = new FaultClient(`http://127.0.0.1:${controlPort}`);
const brokerUrl = `http://127.0.0.1:${workerPort}`;
const siteUrl = `http://localhost:${sitePort}`;
const emptyUrl = `http://127.0.0.1:${emptyPort}/`;
const proxy = await startDelayProxy(brokerUrl);

const starts = [
  startStandIn(sfuPort, app, watch, controlPort),
  startWorker(workerPort, app, tokenKeys, watch),
  startSite(sitePort, proxy.url, tokenKeys, watch),
  startEmptyWorker(),
];
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(1));

try {
  await Promise.all(starts);
  const size = scriptSize(fileURLToPath(new URL('dist/realtime-call.js', ROOT)));
  console.error('Joining, by turns with the widget and with a plain client …');
  const frames = await measureFirstFrames({ siteUrl, proxy, delays: DELAYS, repetitions: 5 });
  console.error('Calling the broker, by turns with an empty Worker …');
  const rate = await measureBrokerRate({ siteUrl, brokerUrl, emptyUrl, faults, rounds: 3, secondsPerRound: 3 });
  console.error('Filling a stand-in SFU with synthetic clients …');
  const sfu = await measureSfuLoad();

  mkdirSync(new URL('coverage/', ROOT), { recursive: true });
  writeFileSync(new URL('coverage/bench.json', ROOT), `${JSON.stringify({ size, frames, rate, sfu }, undefined, 2)}\n`);
  printTable([
    ['what', 'here', 'beside', 'ratio'],
    ['the one script, minified', kilobytes(size.minified), '', ''],
    ['the one script, gzip', kilobytes(size.gzip), '', ''],
    ['the one script, brotli', kilobytes(size.brotli), '', ''],
    ...DELAYS.map((delay) => frameRow(frames, delay)),
    [
      'proxied calls per second; beside: empty Worker',
      median(rate.proxied).toFixed(0),
      median(rate.empty).toFixed(0),
      rate.ratio.toFixed(2),
    ],
    ...sfuLoadRows(sfu),
  ]);
  await end(0);
} catch (error) {
  if (!interrupt.signal.aborted) {
    console.error(`${log.slice(-30).join('\n')}\n`, error);
    await end(1);
  }
}

async function end(code: number): Promise<never> {
  interrupt.abort();
  await Promise.all(starts.map(async (start) => (await start.catch(() => undefined))?.stop()));
  process.exit(code);
}

function startEmptyWorker(): Promise<Service> {
  const folder = fileURLToPath(new URL('empty-worker', import.meta.url));
  const ports = ['--ip', '127.0.0.1', '--port', String(emptyPort), '--inspector-port', '0'];
  return startService(
    {
      name: 'empty',
      title: 'The empty Worker',
      args: [WRANGLER_PATH, 'dev', '--cwd', folder, ...ports, '--log-level', 'warn'],
      env: WRANGLER_ENVIRONMENT,
      url: emptyUrl,
      mend: 'Run "npm ci" again.',
    },
    watch,
  );
}

function frameRow(frames: readonly FirstFrame[], delay: number): string[] {
  const middle = (client: FirstFrame['client']) =>
    median(frames.filter((frame) => frame.client === client && frame.delay === delay).map(({ elapsed }) => elapsed));
  const [widget, plain] = [middle('widget'), middle('plain')];
  return [
    `join to first remote frame, ms, ${delay} ms added per broker call; beside: plain client`,
    widget.toFixed(0),
    plain.toFixed(0),
    (widget / plain).toFixed(2),
  ];
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function printTable(rows: readonly string[][]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows)
    console.log(
      row.map((cell, column) => (column ? cell.padStart(widths[column]!) : cell.padEnd(widths[0]!))).join('   '),
    );
}
