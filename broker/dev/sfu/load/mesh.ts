import { setTimeout as wait } from 'node:timers/promises';
import type { SfuProcess } from './sfu-process.ts';
import { SyntheticCall } from './synthetic-call.ts';
import type { StreamPlan } from './synthetic-stream.ts';

/** What a call cost in which everybody receives everybody. */
export interface MeshLoad {
  clients: number;
  /** Video streams that the SFU forwards; as many of sound come with them. */
  streams: number;
  packetsPerSecond: number;
  lostShare: number;
  /** Milliseconds from one client's call to send to another's receipt: the SFU, two hops, and the clients themselves. */
  latencyP50: number;
  latencyP99: number;
  /** Of one core: by the SFU's process, and by the clients'. */
  sfuCores: number;
  clientCores: number;
}

/** A small camera as a widget publishes it, and a microphone. */
export const CALL_STREAMS: readonly StreamPlan[] = [
  { kind: 'video', trackName: 'camera', bitsPerSecond: 1_000_000, framesPerSecond: 30 },
  { kind: 'audio', trackName: 'microphone', bitsPerSecond: 32_000, framesPerSecond: 50 },
];

const SETTLE_MS = 1_000;

/** Measures for `measureMs` a call of so many synthetic clients, once all of them receive. */
export async function measureMesh(sfu: SfuProcess, clients: number, measureMs: number): Promise<MeshLoad> {
  const call = new SyntheticCall(sfu.access);
  try {
    await Promise.all(Array.from({ length: clients }, () => call.join(CALL_STREAMS)));
    await untilAllSend(sfu, clients);
    await Promise.all(
      call.clients.map((client) => {
        const others = call.clients.filter((other) => other !== client);
        return client.pull(
          others.flatMap(({ sessionId }) => CALL_STREAMS.map(({ trackName }) => ({ sessionId, trackName }))),
        );
      }),
    );
    await Promise.all(call.clients.map(({ arrivals }) => arrivals.atLeast(1)));
    await wait(SETTLE_MS);

    const [before, own, start] = [await sfu.control.usage(), process.cpuUsage(), performance.now()];
    for (const { arrivals } of call.clients) arrivals.restart();
    await wait(measureMs);
    const arrivals = call.clients.map((client) => client.arrivals);
    const [received, lost] = [sum(arrivals.map((one) => one.received)), sum(arrivals.map((one) => one.lost))];
    const latencies = Float64Array.from(arrivals.flatMap((one) => one.latencies)).sort();
    const elapsed = performance.now() - start;
    const { user, system } = process.cpuUsage(own);
    const after = await sfu.control.usage();
    return {
      clients,
      streams: clients * (clients - 1),
      packetsPerSecond: (received / elapsed) * 1_000,
      lostShare: lost / (received + lost),
      latencyP50: latencies[Math.floor(latencies.length * 0.5)] ?? NaN,
      latencyP99: latencies[Math.floor(latencies.length * 0.99)] ?? NaN,
      sfuCores: (after.cpuMs - before.cpuMs) / (after.uptimeMs - before.uptimeMs),
      clientCores: (user + system) / 1_000 / elapsed,
    };
  } finally {
    call.close();
    await forgetAll(sfu);
  }
}

/** Packets of both streams of everybody have come, so that they can be pulled. */
async function untilAllSend({ control }: SfuProcess, clients: number): Promise<void> {
  for (;;) {
    const sending = (await control.sessions()).filter(({ packets }) => packets.up.passed > 10);
    if (sending.length >= clients) return;
    await wait(20);
  }
}

/**
 * Resolves when the SFU has forgotten every session. The engine leaves without a word, which the SFU would notice after
 * half a minute: so it is told.
 */
export async function forgetAll({ control }: Pick<SfuProcess, 'control'>): Promise<void> {
  await control.kill();
  while ((await control.sessions()).length > 0) await wait(20);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
