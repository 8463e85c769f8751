import type { FaultClient } from '../../../broker/dev/sfu/faults/fault-client.ts';
import { median } from './median.ts';
import { requestRate, type Call } from './request-rate.ts';

export interface BrokerRate {
  /** Requests per second of each round, the two taken in turns. */
  empty: number[];
  proxied: number[];
  /** Median of proxied over median of empty. */
  ratio: number;
}

export interface BrokerRateSetup {
  siteUrl: string;
  brokerUrl: string;
  emptyUrl: string;
  /** Lets the SFU answer at once, without work of its own: what is measured is the broker. */
  faults: FaultClient;
  rounds: number;
  secondsPerRound: number;
}

/** A call that the broker checks and hands on to the SFU, beside a Worker that does nothing. */
export async function measureBrokerRate(setup: BrokerRateSetup): Promise<BrokerRate> {
  const { emptyUrl, faults, rounds, secondsPerRound } = setup;
  const body = { sessionId: '0123456789abcdef0123456789abcdef', tracks: [] };
  await faults.set({ type: 'status', status: 200, body });
  const proxiedCall = await openSession(setup);
  const emptyCall: Call = { method: 'GET', url: emptyUrl };

  const [empty, proxied]: [number[], number[]] = [[], []];
  for (const call of [emptyCall, proxiedCall]) await requestRate(call, 1);
  for (let round = 0; round < rounds; round++) {
    empty.push(await requestRate(emptyCall, secondsPerRound));
    proxied.push(await requestRate(proxiedCall, secondsPerRound));
  }
  await faults.clear();
  return { empty, proxied, ratio: median(proxied) / median(empty) };
}

async function openSession({ siteUrl, brokerUrl }: BrokerRateSetup): Promise<Call> {
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
  const { token = '' } = (await (await fetch(`${siteUrl}/call-token?room=${room}&guest=bench`)).json()) as Record<
    string,
    string
  >;
  const { memberSecret = '' } = await post('/join', token, JSON.stringify({ protocol: 1 }));
  const { sessionId } = await post('/sessions/new', memberSecret);
  return {
    method: 'GET',
    url: `${brokerUrl}/rooms/${room}/sessions/${sessionId}`,
    headers: { authorization: `Bearer ${memberSecret}` },
  };
}
