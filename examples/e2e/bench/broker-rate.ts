import type { FaultClient } from '../../../broker/dev/sfu/faults/fault-client.ts';
import type { BenchGroup } from './bench-group.ts';
import { median } from './median.ts';
import { requestRate, type Call } from './request-rate.ts';
import type { Stage } from './stage.ts';

const SECONDS_PER_ROUND = 3;
const RATIO_LEAST = 0.45;

/** A call that the broker checks and hands on to the SFU, by turns with a Worker that does nothing. */
export const brokerRateGroup: BenchGroup = {
  name: 'rate',
  title: 'calling the broker, by turns with an empty Worker',
  async run({ backstage, isQuick }) {
    const stage = await backstage.stage();
    const emptyUrl = await backstage.startEmptyWorker();
    const rounds = isQuick ? 1 : 3;
    const { empty, proxied } = await measure(stage, emptyUrl, rounds);
    return {
      raw: { empty, proxied, ratio: median(proxied) / median(empty) },
      rows: [
        {
          what: 'proxied calls per second',
          here: proxied,
          beside: { what: 'empty Worker', figure: empty },
          budget: { of: 'ratio', least: RATIO_LEAST },
        },
      ],
    };
  },
};

/** Requests per second of each round. */
async function measure(
  stage: Stage,
  emptyUrl: string,
  rounds: number,
): Promise<{ empty: number[]; proxied: number[] }> {
  const proxiedCall = await openSession(stage, await stage.startDirectBroker());
  const emptyCall: Call = { method: 'GET', url: emptyUrl };
  const [empty, proxied]: [number[], number[]] = [[], []];
  await answerAtOnce(stage.faults);
  try {
    for (const call of [emptyCall, proxiedCall]) await requestRate(call, 1);
    for (let round = 0; round < rounds; round++) {
      empty.push(await requestRate(emptyCall, SECONDS_PER_ROUND));
      proxied.push(await requestRate(proxiedCall, SECONDS_PER_ROUND));
    }
  } finally {
    await stage.faults.clear();
  }
  return { empty, proxied };
}

/** The SFU answers without work of its own: what is measured is the broker. */
async function answerAtOnce(faults: FaultClient): Promise<void> {
  const body = { sessionId: '0123456789abcdef0123456789abcdef', tracks: [] };
  await faults.set({ type: 'status', status: 200, body });
}

async function openSession({ token }: Stage, brokerUrl: string): Promise<Call> {
  const room = 'bench-rate';
  const post = async (path: string, bearer: string, body?: string) => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const response = await fetch(`${brokerUrl}/rooms/${room}${path}`, {
      method: 'POST',
      headers,
      ...(body && { body }),
    });
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Record<string, string>;
  };
  const { memberSecret = '' } = await post('/join', await token(room), JSON.stringify({ protocol: 1 }));
  const { sessionId } = await post('/sessions/new', memberSecret);
  return {
    method: 'GET',
    url: `${brokerUrl}/rooms/${room}/sessions/${sessionId}`,
    headers: { authorization: `Bearer ${memberSecret}` },
  };
}
