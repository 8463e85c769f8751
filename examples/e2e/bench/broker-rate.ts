import { fileURLToPath } from 'node:url';
import { freePort } from '../../../broker/dev/ports.ts';
import { BareBroker } from '../../../broker/dev/load/bare-broker.ts';
import { startRuntime, type Runtime } from '../../../broker/dev/load/runtime.ts';
import type { BenchGroup } from './bench-group.ts';
import { LoadMember } from './load-member.ts';
import { requestRate, type Call } from './request-rate.ts';
import type { Row } from './table.ts';

const SECONDS_PER_ROUND = 2;
const RATIO_LEAST = 0.45;
const ROOM = 'bench-rate';

interface Subject {
  what: string;
  call: Call;
  runtime: Runtime;
  /** Requests per second, and microseconds of processor time for each, of each round. */
  rates: number[];
  costs: number[];
}

/**
 * Calls by turns to the broker and to a Worker that does nothing, both on the bare runtime, with a double of the SFU that
 * answers at once. The budget is of the call for which a token is checked and nothing else is done.
 */
export const brokerRateGroup: BenchGroup = {
  name: 'rate',
  title: 'calling the broker, by turns with an empty Worker',
  async run({ isQuick }) {
    const broker = await BareBroker.start();
    const emptyPort = await freePort();
    const joined = await broker.join(ROOM, 'ann');
    // With a socket, so that the seat stays.
    const ann = new LoadMember(broker, ROOM, joined);
    ann.open(joined.ticket);
    const entry = fileURLToPath(new URL('empty-worker/worker.ts', import.meta.url));
    const empty = await startRuntime({ entry, port: emptyPort, environment: {}, objects: {} });
    try {
      const subjects = [
        subject('empty', empty, { method: 'GET', url: `http://127.0.0.1:${emptyPort}/` }),
        ...(await brokerCalls(broker, joined.memberSecret)),
      ];
      for (const { call } of subjects) await requestRate(call, 1);
      for (let round = 0; round < (isQuick ? 1 : 5); round++) for (const each of subjects) await measure(each);
      return { raw: subjects.map(({ what, rates, costs }) => ({ what, rates, costs })), rows: toRows(subjects) };
    } finally {
      ann.leave();
      await Promise.all([broker.stop(), empty.stop()]);
    }
  },
};

function subject(what: string, runtime: Runtime, call: Call): Subject {
  return { what, call, runtime, rates: [], costs: [] };
}

async function measure({ call, runtime, rates, costs }: Subject): Promise<void> {
  const before = runtime.processorTime();
  const rate = await requestRate(call, SECONDS_PER_ROUND);
  rates.push(rate);
  costs.push(((runtime.processorTime() - before) * 1000) / (rate * SECONDS_PER_ROUND));
}

/** The calls that are measured. */
async function brokerCalls(broker: BareBroker, memberSecret: string): Promise<Subject[]> {
  const token = broker.mint(ROOM, 'ann');
  const { sessionId } = (await (await broker.post(`/rooms/${ROOM}/sessions/new`, memberSecret)).json()) as {
    sessionId: string;
  };
  const room = `${broker.url}/rooms/${ROOM}`;
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
  return [
    // Its token is good; its body is not there, which is found next. No room is asked.
    subject('token checked, then refused', broker.runtime, {
      method: 'PUT',
      url: `${room}/sessions/${sessionId}/renegotiate`,
      headers: bearer(token),
      status: 400,
    }),
    subject('ticket: member secret checked, room asked', broker.runtime, {
      method: 'POST',
      url: `${room}/ticket`,
      headers: bearer(memberSecret),
    }),
    subject('proxied: member secret checked, room asked, SFU called', broker.runtime, {
      method: 'GET',
      url: `${room}/sessions/${sessionId}`,
      headers: bearer(memberSecret),
    }),
  ];
}

function toRows([empty, ...calls]: Subject[]): Row[] {
  return calls.flatMap(({ what, rates, costs }, index): Row[] => [
    {
      what: `${what}, calls per second`,
      here: rates,
      beside: { what: 'empty Worker', figure: empty!.rates },
      ...(index === 0 && { budget: { of: 'ratio', least: RATIO_LEAST } }),
    },
    {
      what: `${what}, processor time`,
      unit: 'µs',
      here: costs,
      beside: { what: 'empty Worker', figure: empty!.costs },
    },
  ]);
}
